/** The JSON of `llm-size explain`. */
import * as z from "zod";
import { failureSchema, fileSchema, modelSchema } from "./report.ts";

const count = z.int().nonnegative();

export const explanationSchema = z.object({
  schemaVersion: z.literal(1),
  generator: z.object({ name: z.literal("llm-size"), version: z.string() }),
  /** Null when it could not be measured. */
  model: modelSchema.nullable(),
  /** Null where no header could be read. */
  anatomy: z
    .object({
      unpacked: z.array(
        z.object({ packing: z.string(), tensors: count, storedBytes: count, parameters: count }),
      ),
      notCounted: z.array(
        z.object({ reason: z.string(), tensors: count, elements: count, bytes: count, example: z.string() }),
      ),
    })
    .nullable(),
  files: z.object({
    used: z.array(fileSchema),
    notUsed: z.array(fileSchema.extend({ reason: z.string() })),
  }),
  /** The Hub's own parameter count. */
  hub: z.object({ total: count, difference: z.int().nullable(), reason: z.string().nullable() }).nullable(),
  failures: z.array(failureSchema),
});

export type Explanation = z.infer<typeof explanationSchema>;
