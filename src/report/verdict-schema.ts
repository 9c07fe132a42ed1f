/** The verdicts of a gate, as the JSON contract has them. */
import * as z from "zod";

/** What a budget can bound. */
export const RULE_NAMES = [
  "maxDownload",
  "maxPublished",
  "maxParameters",
  "maxActive",
  "maxClass",
  "maxGrowth",
] as const;

export type RuleName = (typeof RULE_NAMES)[number];

export const OUTCOMES = ["passed", "exceeded", "unknown"] as const;

export const verdictSchema = z.object({
  reference: z.string(),
  rule: z.enum(RULE_NAMES),
  /** Null where the rule does not depend on it, or the model is judged as published. */
  quantization: z.string().nullable(),
  /** Bytes, parameters or percent, as the rule has it. */
  limit: z.number(),
  actual: z.number().nullable(),
  outcome: z.enum(OUTCOMES),
  /** What `actual` rests on; null where there is none. */
  basis: z.enum(["published", "computed", "predicted"]).nullable(),
  /** The locked bytes that growth is measured from. */
  baseline: z.number().nullable(),
  /** Why the outcome is unknown. */
  reason: z.string().nullable(),
  /** Why the limit is there, in the words of whoever set it. */
  because: z.string().nullable(),
});

export type Verdict = z.infer<typeof verdictSchema>;
