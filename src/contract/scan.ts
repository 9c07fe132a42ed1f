/** The JSON of `llm-size scan`, version 1. */
import * as z from "zod";
import {
  basisOrNull,
  bytesOrNull,
  count,
  documentFields,
  failureSchema,
  listOf,
  text,
  textOrNull,
} from "./fields.ts";
import { modelSchema } from "./report.ts";
import { CONFIDENCES, LOADED_PARTS, REGISTRIES } from "./terms.ts";

/** A model by its name in code, and what is loaded of it. */
const nameFields = {
  reference: text.describe("The model as llm-size measures it."),
  registry: z
    .enum(REGISTRIES)
    .describe("Where it comes from: the Hub, Ollama's or Docker's registry, or a file at an address."),
  id: text.describe("The model's name there: `org/name`, `llama3.2:1b`, or the address."),
  revision: textOrNull.describe("The revision that the code asks for; null for the newest."),
  file: textOrNull.describe("The file that the code asks for; null for the model as a whole."),
  label: textOrNull.describe("The quantization after a colon, such as `Q4_K_M`; null without one."),
  quantization: textOrNull.describe(
    "The quantization that the code asks for, such as `onnx:q8`; null for what is published.",
  ),
  loads: z
    .enum(LOADED_PARTS)
    .describe("What the code loads: the weights, or only the tokenizer and the config."),
};

export const placeSchema = z.object({
  path: text.describe("The file, relative to the working directory, with `/`."),
  line: count.describe("The line, from 1."),
  column: count.describe("The column, from 1, in UTF-16 code units."),
});

export const findSchema = placeSchema.extend({
  ...nameFields,
  confidence: z.enum(CONFIDENCES).describe("How sure it is that the code loads a model of this name."),
  rule: text.describe("How the name was recognized, such as `from_pretrained` or `key MODEL_ID`."),
  doubt: textOrNull.describe("Why it is doubtful, or what is not taken into account; null for neither."),
  ignored: textOrNull.describe("The reason of an `llm-size-ignore` comment; null without one."),
});

export const downloadSchema = z.object({
  ...nameFields,
  bytes: bytesOrNull.describe("The size of the download, in bytes; null where it is unknown."),
  basis: basisOrNull.describe(
    "Whether the size is one of real files, computed or predicted; null where it is unknown.",
  ),
  reason: textOrNull.describe("Why the size is unknown or may be wrong; null otherwise."),
  places: z.array(placeSchema).describe("Where the code names it."),
});

export const scanSchema = z.object({
  ...documentFields,
  files: count.describe("The number of files that were read."),
  skipped: listOf("Files that may name models and were not read.", {
    path: text.describe("The file, relative to the working directory."),
    reason: text.describe("Why it was not read."),
  }),
  finds: z.array(findSchema).describe("Every place that names a model, in the order of the files."),
  downloads: z
    .array(downloadSchema)
    .describe(
      "What the code downloads: each model in each form once. Doubtful and ignored finds are left out.",
    ),
  models: z.array(modelSchema).describe("The models that were measured."),
  failures: z.array(failureSchema).describe("The models that could not be measured."),
});
