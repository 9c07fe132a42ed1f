/** The JSON of `llm-size reduce`. */
import * as z from "zod";
import {
  basisOrNull,
  bytesOrNull,
  count,
  countOrNull,
  documentFields,
  failureSchema,
  listOf,
  objectOrNull,
  quantization,
  ratioOrNull,
  text,
  textOrNull,
} from "./fields.ts";
import { modelSchema } from "./report.ts";
import { TECHNIQUES } from "./terms.ts";

export const reductionRowSchema = z.object({
  technique: z.enum(TECHNIQUES).describe("The way to shrink the model."),
  name: text.describe("The variant of the technique, such as a rank or a sparsity pattern."),
  inputs: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
    .describe("The choices that the row was computed from."),
  parameters: countOrNull.describe("The parameters that are left; null where the technique does not apply."),
  tensors: countOrNull.describe("The arrays in the file, for adapters; null for everything else."),
  sizes: listOf("What is left at each quantization.", {
    quantization,
    bytes: bytesOrNull.describe("The size that is left to download, in bytes; null where unknown."),
    basis: basisOrNull.describe(
      "Where the size comes from: real files, exact arithmetic, or a prediction; null where unknown.",
    ),
    errorBand: ratioOrNull.describe(
      "Half the width of a prediction's error band, relative: 0.005 is ±0.5 %; null without one.",
    ),
    shareOfModel: ratioOrNull.describe(
      "The bytes divided by those of the model at the same quantization; for quantizations and recipes, by the published size.",
    ),
    reason: textOrNull.describe("Why the size is unknown; null where it is known."),
  }),
  shapes: listOf("Shapes that change.", {
    name: text.describe("The dimension or tensor."),
    before: z.array(count).describe("Its dimensions before."),
    after: z.array(count).describe("Its dimensions after."),
  }),
  arithmetic: textOrNull.describe("The computation in words and numbers."),
  caveat: textOrNull.describe("What the bytes do not show, such as a loss of quality or speed."),
  reason: textOrNull.describe("Why the technique does not apply; null where it does."),
});

export const reductionSchema = z.object({
  ...documentFields,
  model: modelSchema.nullable().describe("The model; null where it could not be measured."),
  student: modelSchema
    .nullable()
    .describe("The student to compare with; null where none was given or it could not be measured."),
  rows: z.array(reductionRowSchema).describe("What each technique would leave."),
  recipe: objectOrNull("The steps of the recipe; null where none was given.", {
    text: text.describe("The steps, as `--apply` takes them."),
    steps: z.array(reductionRowSchema).describe("What is left after each step."),
  }),
  failures: z.array(failureSchema).describe("What could not be measured or done."),
});
