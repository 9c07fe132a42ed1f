/** The JSON of `llm-size scan`, version 1. */
import * as z from "zod";
import {
  basisOrNull,
  bytesOrNull,
  count,
  documentFields,
  failureSchema,
  fileSchema,
  textOrNull,
} from "./fields.ts";
import { findSchema, nameSchema, placeSchema, skippedSchema } from "./places.ts";
import { modelSchema } from "./report.ts";

export const downloadSchema = nameSchema.extend({
  bytes: bytesOrNull.describe("The size of the download, in bytes; null where it is unknown."),
  basis: basisOrNull.describe(
    "Whether the size is one of real files, computed or predicted; null where it is unknown.",
  ),
  reason: textOrNull.describe("Why the size is unknown or may be wrong; null otherwise."),
  files: z.array(fileSchema).describe("The files of the download; empty where they are not known."),
  places: z.array(placeSchema).describe("Where the code names it."),
});

export const scanSchema = z.object({
  ...documentFields,
  files: count.describe("The number of files that were read."),
  skipped: z.array(skippedSchema).describe("Files that may name models and were not read."),
  finds: z.array(findSchema).describe("Every place that names a model, in the order of the files."),
  downloads: z
    .array(downloadSchema)
    .describe(
      "What the code downloads: each model in each form once. Doubtful and ignored finds are left out.",
    ),
  models: z.array(modelSchema).describe("The models that were measured."),
  failures: z.array(failureSchema).describe("The models that could not be measured."),
});
