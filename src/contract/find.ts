/** The JSON of `llm-size find`, version 1. */
import * as z from "zod";
import {
  bytes,
  bytesOrNull,
  count,
  countOrNull,
  documentFields,
  failureSchema,
  fileSchema,
  listOf,
  numberOrNull,
  quantization,
  text,
  textOrNull,
} from "./fields.ts";
import { modelSchema } from "./report.ts";
import { FIT_OUTCOMES } from "./terms.ts";

export const findReportSchema = z.object({
  ...documentFields,
  model: modelSchema
    .pick({ reference: true, id: true, revision: true, source: true, sizeClass: true, notes: true })
    .extend({ parameters: countOrNull.describe("Its parameters; null where they are unknown.") })
    .nullable()
    .describe("The model whose quantizations are listed; null where it could not be measured."),
  published: listOf("One row per quantization, of the most downloaded repository that has it.", {
    quantization,
    format: text.describe("The format of its files, such as `gguf`."),
    id: text.describe("The repository, as `org/name`."),
    publisher: text.describe("The organization or user of the repository."),
    revision: textOrNull.describe("The commit of the repository, in 40 hex digits."),
    downloads: count.describe("Downloads of the repository in the last 30 days, as the Hub counts them."),
    bytes: bytes.describe("The sum of its files, in bytes."),
    files: z.array(fileSchema).describe("The files of this quantization."),
    predictedBytes: bytesOrNull.describe(
      "The size that llm-size predicts, or the nearest of its variants, in bytes; null where it predicts none.",
    ),
    difference: numberOrNull.describe(
      "`bytes` against `predictedBytes`, relative: 0.01 is 1 % more; null without a prediction.",
    ),
    fit: z
      .enum(FIT_OUTCOMES)
      .nullable()
      .describe("Whether it fits on the device; null where none was named."),
    doubt: textOrNull.describe("Why it may be another model or quantization; null where nothing says so."),
  }),
  leftOut: listOf("Repositories whose cards name the model, and that are not of it or cannot be told.", {
    id: text.describe("The repository, as `org/name`."),
    downloads: count.describe("Downloads of the repository in the last 30 days, as the Hub counts them."),
    reason: text.describe("Why it is left out."),
  }),
  listed: count.describe("How many repositories the Hub listed, the most downloaded first."),
  isListCut: z.boolean().describe("Whether the Hub may have more repositories than it listed."),
  hidden: count.describe("Rows that `--max-size` or `--fits` leaves out."),
  unread: count.describe("Quantizations beyond `--limit`."),
  failures: z.array(failureSchema).describe("Why there is no result; empty where there is one."),
});
