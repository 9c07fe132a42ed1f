/** The JSON of `llm-size`, `check` and `fit`, version 1. */
import * as z from "zod";
import {
  basisOrNull,
  bytes,
  bytesOrNull,
  count,
  countOrNull,
  documentFields,
  failureSchema,
  fileSchema,
  listOf,
  objectOf,
  objectOrNull,
  quantization,
  ratioOrNull,
  reference,
  text,
  textOrNull,
} from "./fields.ts";
import { NOTE_CODES } from "../notes.ts";
import { changeSchema } from "./diff.ts";
import { memorySchema } from "./memory.ts";
import { EVIDENCE, FILE_USES, PACKAGE_DOUBTS, ROLES, SOURCES } from "./terms.ts";
import { findSchema, skippedSchema } from "./places.ts";
import { verdictSchema } from "./verdicts.ts";

export const FILE_USE_WORDS =
  "`checkpoint`: measured; `alternative`: the same model in another form; `support`: configs, tokenizers, voices; `other-model`: a draft, an adapter, another model; `unexplained`: may belong to the model.";

const projectorBytes = bytesOrNull.describe(
  "The vision and audio of a GGUF model, a second file (mmproj) that llama.cpp, Ollama and LM Studio also load, in bytes; null where there is none.",
);

export const publishedSchema = z.object({
  format: text.describe("The format of the files, such as `safetensors`, `gguf` or `onnx`."),
  bytes: bytes.describe("The size of the download: the sum of `files`, in bytes."),
  basis: z
    .enum(["published", "computed"])
    .describe("`published`: a sum of real file sizes; `computed`: a sum of tensors, without file headers."),
  files: z
    .array(fileSchema)
    .describe("The files that are downloaded; empty where only the tensors are known."),
  projectorBytes,
  bitsPerWeight: ratioOrNull.describe(
    "The bits of these files per parameter; null where the parameters are not known.",
  ),
  repositoryBytes: bytesOrNull.describe(
    "The size of all files in the repository, in bytes; null without a file listing.",
  ),
  alternatives: listOf("Other downloads of the same model in the repository.", {
    format: text.describe("The format of the files, such as `safetensors`, `gguf` or `onnx`."),
    label: text.describe("What sets the files apart, such as a precision: `Q4_K_M`, `fp16`."),
    bytes: bytes.describe("The sum of `files`, in bytes."),
    files: z.array(fileSchema).describe("The files that are downloaded instead."),
  }),
  otherFiles: z
    .array(fileSchema.extend({ is: z.enum(FILE_USES).describe(FILE_USE_WORDS) }))
    .describe("Every other file of the repository: with `files` and `alternatives`, each is listed once."),
  doubt: objectOrNull(
    "Why `bytes` may be wrong; a budget in doubt is never passed. Null where all is explained.",
    {
      code: z.enum(PACKAGE_DOUBTS).describe("A stable code for scripts."),
      message: text.describe("Why the download may be another, and what to do."),
      atMostBytes: bytesOrNull.describe(
        "The size with everything in doubt counted in; null where there is no bound.",
      ),
    },
  ),
});

const companion = z.object({
  bytes: bytes.describe("The sum of `files`, in bytes."),
  files: z.array(fileSchema).describe("The files and their real sizes."),
});

export const sizeSchema = z.object({
  quantization,
  bytes: bytesOrNull.describe("The size of the weights, in bytes; null where it is unknown."),
  bitsPerWeight: ratioOrNull.describe("The bits of the size per parameter; null where it is unknown."),
  basis: basisOrNull.describe(
    "`published`: real file sizes; `computed`: exact arithmetic on real headers; `predicted`: what a tool would write; null where the size is unknown.",
  ),
  errorBand: ratioOrNull.describe(
    "Half the width of a prediction's error band, relative: 0.005 is ±0.5 %; null for sizes that are not predicted from a scheme.",
  ),
  variants: listOf(
    "Other exact sizes that publishers of this scheme ship, the most likely first; empty for sizes that are not predicted.",
    {
      because: text.describe("The choice that leads to it, such as `output head stored again`."),
      bytes: bytes.describe("The size of the weights, in bytes."),
    },
  ),
  projectorBytes,
  companionBytes: bytesOrNull.describe(
    "The tokenizer, config and projector that a runtime also downloads, in bytes; null for levels and where unknown.",
  ),
  assumptions: z.array(z.string()).describe("What the prediction assumes, in words."),
  reason: textOrNull.describe("Why the size is unknown; null where it is known."),
});

export const modelSchema = z.object({
  reference,
  id: text.describe("The canonical id, or the path of a local model."),
  revision: textOrNull.describe(
    "The commit, in 40 hex digits, or of Ollama the SHA-256 of the manifest, in 64; null where there is none.",
  ),
  source: z
    .enum(SOURCES)
    .describe(
      "Where the model was read from: the Hub, a cache on disk, the built-in catalog, or local files.",
    ),
  evidence: z
    .enum(EVIDENCE)
    .describe(
      "What the parameters come from: the headers of all weight files, the Hub's own summary, the base model that its card names, or file sizes alone.",
    ),
  architecture: textOrNull.describe("The class in config.json, such as `GemmaForCausalLM`."),
  modelType: textOrNull.describe("The `model_type` in config.json, such as `gemma`."),
  adapter: objectOrNull("What an adapter changes and which model it belongs to; null for other models.", {
    type: text.describe("The method of peft, such as `LORA`, `DORA` or `IA3`."),
    rank: countOrNull.describe("The rank; null for methods without one."),
    targets: z
      .array(z.string())
      .describe("The modules that it changes; empty where it has a pattern instead."),
    base: textOrNull.describe("The base model, as the adapter's author wrote it."),
    shareOfBase: ratioOrNull.describe(
      "Its parameters divided by those of the base model; null where the base was not measured.",
    ),
  }),
  parameters: objectOf("Numbers of parameters; null where they are not known.", {
    total: countOrNull.describe("All parameters, each counted once, without scales and buffers."),
    active: countOrNull.describe(
      "The parameters that one token uses; less than the total for mixtures of experts, and without layers for multi-token prediction.",
    ),
    activeNonEmbedding: countOrNull.describe(
      "The active parameters as papers count them: without an input embedding that is not also the output head, and without vision and audio towers.",
    ),
    embedding: countOrNull.describe("The parameters of the token embeddings."),
    stored: countOrNull.describe("The elements of everything stored, including scales and copies."),
    byDtype: z
      .record(z.string(), count)
      .describe("Parameters by the dtype that they are stored in, such as `BF16`."),
    byRole: z
      .record(z.enum(ROLES), count)
      .nullable()
      .describe("Parameters by what they are for; null where the tensors are not known."),
  }),
  sizeClass: objectOrNull(
    "The size class people know the model by; null where the parameters are not known.",
    {
      label: text.describe("The class: `2B`, `0.5B`, `350M`, `8x7B`."),
      basis: z
        .enum(["name", "count"])
        .describe("Whether the model's name states it or the parameter count is nearest."),
    },
  ),
  published: publishedSchema
    .nullable()
    .describe("The download as published; null where its files are not known."),
  sizes: z.array(sizeSchema).describe("The size of the weights at each quantization."),
  companions: objectOrNull(
    "Files that a runtime downloads in addition to the weights; null without a file listing.",
    {
      tokenizer: companion.describe("The files of the tokenizer."),
      config: companion.describe("The configuration files."),
    },
  ),
  memory: memorySchema
    .nullable()
    .describe("Memory, devices and download times; null unless a context length was given."),
  notes: listOf("What a reader of the figures should know.", {
    code: z.enum(NOTE_CODES).describe("A stable code for scripts."),
    message: text.describe("The note in words."),
  }),
});

export const reportSchema = z.object({
  ...documentFields,
  models: z.array(modelSchema).describe("The models that were measured, in the order given."),
  failures: z.array(failureSchema).describe("The models that could not be measured."),
  verdicts: z.array(verdictSchema).describe("The result of each limit; empty without a budget."),
  passed: z.boolean().nullable().describe("Whether every verdict passed; null without a budget."),
  code: z
    .object({
      files: count.describe("The number of files that were read."),
      skipped: z.array(skippedSchema).describe("Files that may name models and were not read."),
      doubtful: z.array(findSchema).describe("Names that are doubtful, which were not checked."),
      ignored: z.array(findSchema).describe("Names that a comment or the config file leaves out."),
    })
    .nullable()
    .default(null)
    .describe("What was found in the code; null without `--scan`."),
  changes: z
    .array(changeSchema)
    .describe("What changed in each model since the lock file was written; empty without one."),
});
