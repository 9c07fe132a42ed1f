/** Models that code names, and the places that name them. */
import * as z from "zod";
import { count, text, textOrNull } from "./fields.ts";
import { CONFIDENCES, LOADED_PARTS, REGISTRIES } from "./terms.ts";

/** A model by its name in code, and what is loaded of it. */
export const nameSchema = z.object({
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
});

export const placeSchema = z.object({
  path: text.describe("The file, relative to the working directory, with `/`."),
  line: count.describe("The line, from 1."),
  column: count.describe("The column, from 1, in UTF-16 code units."),
});

export const findSchema = placeSchema.extend({
  ...nameSchema.shape,
  confidence: z.enum(CONFIDENCES).describe("How sure it is that the code loads a model of this name."),
  rule: text.describe("How the name was recognized, such as `from_pretrained` or `key MODEL_ID`."),
  doubt: textOrNull.describe("Why it is doubtful, or what is not taken into account; null for neither."),
  ignored: textOrNull.describe("The reason of an `llm-size-ignore` comment; null without one."),
});

export const skippedSchema = z.object({
  path: text.describe("The file, relative to the working directory."),
  reason: text.describe("Why it was not read."),
});
