/** The JSON of `llm-size diff`, and the changes in a report. */
import * as z from "zod";
import {
  bytesOrNull,
  countOrNull,
  documentFields,
  failureSchema,
  listOf,
  numberOrNull,
  objectOrNull,
  reference,
  text,
} from "./fields.ts";

const pairOf = <Schema extends z.ZodType>(value: Schema, noun: string, absence = "") => ({
  before: value.describe(`${noun} before${absence}.`),
  after: value.describe(`${noun} after${absence}.`),
});

export const changeSchema = z.object({
  reference,
  id: objectOrNull("The canonical id; null where it is the same.", pairOf(text, "The id")),
  revision: objectOrNull(
    "The commit; null where it is the same, or not known before or after.",
    pairOf(text, "The commit"),
  ),
  figures: listOf("Figures that differ.", {
    ...pairOf(countOrNull, "The parameters or bytes", "; null where unknown"),
    name: text.describe("`parameters`, `published`, or a quantization."),
    growthPercent: numberOrNull.describe("The growth in percent; null where it cannot be computed."),
  }),
  files: listOf("Files of the published download that differ.", {
    ...pairOf(bytesOrNull, "The size in bytes", "; null where the file did not exist"),
    path: text.describe("The path within the repository or folder, with `/`."),
  }),
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
