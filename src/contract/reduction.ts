/** The JSON of `llm-size reduce`. */
import * as z from "zod";
import { BASES, TECHNIQUES } from "./terms.ts";
import { failureSchema, modelSchema } from "./report.ts";

const count = z.int().nonnegative();

const rowSchema = z.object({
  technique: z.enum(TECHNIQUES),
  name: z.string(),
  /** What the row was computed from. */
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Left to download; null where it is refused. */
  parameters: count.nullable(),
  /** Arrays in the file, for adapters. */
  tensors: count.nullable(),
  sizes: z.array(
    z.object({
      quantization: z.string(),
      bytes: count.nullable(),
      basis: z.enum(BASES).nullable(),
      errorBand: z.number().nonnegative().nullable(),
      /** Bytes over those of the model in the same quantization; of quantizations and recipes, over what is published. */
      shareOfModel: z.number().nonnegative().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  shapes: z.array(z.object({ name: z.string(), before: z.array(count), after: z.array(count) })),
  arithmetic: z.string().nullable(),
  /** What the bytes do not say. */
  caveat: z.string().nullable(),
  /** Why there are no numbers; null where there are. */
  reason: z.string().nullable(),
});

export const reductionSchema = z.object({
  schemaVersion: z.literal(1),
  generator: z.object({ name: z.literal("llm-size"), version: z.string() }),
  /** Null when it could not be measured. */
  model: modelSchema.nullable(),
  /** Null where none was named, or it could not be measured. */
  student: modelSchema.nullable(),
  rows: z.array(rowSchema),
  /** What is left after each step; null where no recipe was given. */
  recipe: z.object({ text: z.string(), steps: z.array(rowSchema) }).nullable(),
  failures: z.array(failureSchema),
});

export type ReductionReport = z.infer<typeof reductionSchema>;
export type ReductionRow = z.infer<typeof rowSchema>;
