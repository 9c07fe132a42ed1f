/** The verdicts of a gate, as the JSON contract has them. */
import * as z from "zod";
import { BASES, KV_DTYPES, KV_LAYOUTS, OUTCOMES, RULE_NAMES } from "./terms.ts";

export const verdictSchema = z.object({
  reference: z.string(),
  rule: z.enum(RULE_NAMES),
  /** Null where the rule does not depend on it, or the model is judged as published. */
  quantization: z.string().nullable(),
  /** Bytes, parameters, seconds or percent, as the rule has it. */
  limit: z.number(),
  actual: z.number().nullable(),
  outcome: z.enum(OUTCOMES),
  /** What `actual` rests on; null where there is none. */
  basis: z.enum(BASES).nullable(),
  /** The locked bytes that growth is measured from. */
  lockedBytes: z.number().nullable(),
  /** Why the outcome is unknown, or how a known one came about. */
  reason: z.string().nullable(),
  /** Why the limit is there, in the words of whoever set it. */
  why: z.string().nullable(),
  /** What the figure holds for: of memory and of download time; null for all other rules. */
  conditions: z
    .object({
      context: z.int().nullable(),
      batch: z.int().nullable(),
      kvDtype: z.enum(KV_DTYPES).nullable(),
      layout: z.enum(KV_LAYOUTS).nullable(),
      /** The device whose limit it is. */
      device: z.string().nullable(),
      bitsPerSecond: z.number().nullable(),
    })
    .nullable()
    // Reports of before there were any.
    .default(null),
});

export type Verdict = z.infer<typeof verdictSchema>;
