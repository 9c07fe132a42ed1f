/** The JSON of `llm-size reduce`. */
import * as z from "zod";
import { bytes, count, documentFields, failureSchema, ratio } from "./fields.ts";
import { modelSchema } from "./report.ts";
import { BASES, TECHNIQUES } from "./terms.ts";

export const reductionRowSchema = z.object({
  technique: z.enum(TECHNIQUES).describe("The way to shrink the model."),
  name: z.string().describe("The variant of the technique, such as a rank or a sparsity pattern."),
  inputs: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .describe("The choices that the row was computed from."),
  parameters: count
    .nullable()
    .describe("The parameters that are left; null where the technique does not apply."),
  tensors: count.nullable().describe("The arrays in the file, for adapters; null for everything else."),
  sizes: z
    .array(
      z.object({
        quantization: z.string().describe("The level or scheme, such as `int4` or `gguf:Q4_K_M`."),
        bytes: bytes.nullable().describe("The size that is left to download, in bytes; null where unknown."),
        basis: z
          .enum(BASES)
          .nullable()
          .describe(
            "Where the size comes from: real files, exact arithmetic, or a prediction; null where unknown.",
          ),
        errorBand: ratio
          .nullable()
          .describe(
            "Half the width of a prediction's error band, relative: 0.005 is ±0.5 %; null without one.",
          ),
        shareOfModel: ratio
          .nullable()
          .describe(
            "The bytes divided by those of the model at the same quantization; for quantizations and recipes, by the published size.",
          ),
        reason: z.string().nullable().describe("Why the size is unknown; null where it is known."),
      }),
    )
    .describe("What is left at each quantization."),
  shapes: z
    .array(
      z.object({
        name: z.string().describe("The dimension or tensor."),
        before: z.array(count).describe("Its dimensions before."),
        after: z.array(count).describe("Its dimensions after."),
      }),
    )
    .describe("Shapes that change."),
  arithmetic: z.string().nullable().describe("The computation in words and numbers."),
  caveat: z.string().nullable().describe("What the bytes do not show, such as a loss of quality or speed."),
  reason: z.string().nullable().describe("Why the technique does not apply; null where it does."),
});

export const reductionSchema = z.object({
  ...documentFields,
  model: modelSchema.nullable().describe("The model; null where it could not be measured."),
  student: modelSchema
    .nullable()
    .describe("The student to compare with; null where none was given or it could not be measured."),
  rows: z.array(reductionRowSchema).describe("What each technique would leave."),
  recipe: z
    .object({
      text: z.string().describe("The steps, as `--recipe` takes them."),
      steps: z.array(reductionRowSchema).describe("What is left after each step."),
    })
    .nullable()
    .describe("The steps of the recipe; null where none was given."),
  failures: z.array(failureSchema).describe("What could not be measured or done."),
});
