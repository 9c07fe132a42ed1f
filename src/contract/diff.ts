/** The JSON of `llm-size diff`, and the changes in a report. */
import * as z from "zod";
import { bytes, count, documentFields, failureSchema } from "./fields.ts";

const pairOf = <Schema extends z.ZodType>(value: Schema, noun: string, absence = "") =>
  z.object({
    before: value.describe(`${noun} before${absence}.`),
    after: value.describe(`${noun} after${absence}.`),
  });

export const changeSchema = z.object({
  reference: z.string().describe("The model as the user wrote it."),
  id: pairOf(z.string(), "The id").nullable().describe("The canonical id; null where it is the same."),
  revision: pairOf(z.string(), "The commit")
    .nullable()
    .describe("The commit; null where it is the same, or not known before or after."),
  figures: z
    .array(
      pairOf(count.nullable(), "The parameters or bytes", "; null where unknown").extend({
        name: z.string().describe("`parameters`, `published`, or a quantization."),
        growthPercent: z
          .number()
          .nullable()
          .describe("The growth in percent; null where it cannot be computed."),
      }),
    )
    .describe("Figures that differ."),
  files: z
    .array(
      pairOf(bytes.nullable(), "The size in bytes", "; null where the file did not exist").extend({
        path: z.string().describe("The path within the repository or folder, with `/`."),
      }),
    )
    .describe("Files of the published download that differ."),
  notCompared: z
    .array(z.string())
    .describe(
      "Names of figures that were known in different ways before and after, such as computed and predicted.",
    ),
});

export const diffSchema = z.object({
  ...documentFields,
  changes: z.array(changeSchema).describe("One entry per pair of models that was compared."),
  failures: z.array(failureSchema).describe("The models that could not be measured."),
});
