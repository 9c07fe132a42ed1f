/** Predict GGUF files as llama.cpp's converter and llama-quantize write them, tensor by tensor. */
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import type { Config } from "../../format/config.ts";
import { isModelType } from "../../model/architectures.ts";
import type { Ecosystem, LogicalModel, Prediction, SchemeOptions } from "../scheme.ts";
import { computeBlockBytes, type BlockType } from "../../format/gguf/block-types.ts";
import { dependsOnImatrix, FILE_TYPES, isUsuallyMadeWithImatrix, type FileType } from "./file-types.ts";
import { chooseUnquantizedType, isEarlyBert } from "./unquantized-type.ts";
import { estimateMetadata, type MetadataEstimate } from "./metadata.ts";
import { chooseBlockType, classifyTensorKind } from "./mix.ts";
import { inferModelTraits } from "./model-traits.ts";
import type { GgufOptions, TensorKind } from "./kind-rules.ts";
import { layOutTensors, type GgufTensor } from "./tensors.ts";

/** Files for llama.cpp, Ollama and LM Studio. */
export const GGUF = {
  name: "gguf",
  isSelfContained: true,
  schemes: FILE_TYPES.map((fileType) => ({
    name: fileType,
    predict: (model, options) => predictGguf(fileType, model, options),
  })),
} as const satisfies Ecosystem;

/** The types of `headBits`; publishers call Q4_K_M with a head of Q8_0 Q4_K_L. */
const HEAD_TYPES: ReadonlyMap<number, BlockType> = new Map([
  [4, "Q4_K"],
  [5, "Q5_K"],
  [6, "Q6_K"],
  [8, "Q8_0"],
  [16, "F16"],
]);

function predictGguf(
  fileType: FileType,
  model: LogicalModel,
  { imatrix, separateHead = false, headBits }: SchemeOptions,
): Prediction | Unknown {
  const headType = headBits === undefined ? null : HEAD_TYPES.get(headBits);
  if (headType === undefined) return unknown(`GGUF does not support a head of ${headBits} bits`);
  const layout = layOutTensors(model);
  if (isUnknown(layout)) return layout;

  const { tensors, embedding } = layout;
  const isHeadAdded = separateHead && !tensors.some(({ name }) => name === "output.weight");
  const file: PlannedFile = {
    tensors: isHeadAdded ? [...tensors, { ...embedding, name: "output.weight" }] : tensors,
    config: model.config,
    metadata: estimateMetadata(embedding.dimensions[1] ?? 0, model.config),
    options: { fileType, imatrix: imatrix ?? isUsuallyMadeWithImatrix(fileType), headType },
  };
  const bytes = computeFileBytes(file);
  const isImatrixOpen = imatrix === undefined && dependsOnImatrix(fileType);
  const otherBytes = isImatrixOpen
    ? computeFileBytes({ ...file, options: { ...file.options, imatrix: !file.options.imatrix } })
    : bytes;
  return {
    bytes,
    largestArrayBytes: null,
    errorBand:
      estimateErrorBand(file) + (file.metadata.uncertaintyBytes + Math.abs(bytes - otherBytes)) / bytes,
    assumptions: listAssumptions(file, isImatrixOpen),
  };
}

interface PlannedFile {
  readonly tensors: readonly GgufTensor[];
  readonly config: Config | null;
  readonly metadata: MetadataEstimate;
  readonly options: GgufOptions;
}

/** Magic number, version, and the counts of tensors and of metadata entries, in bytes. */
const FIXED_HEADER_BYTES = 4 + 4 + 8 + 8;

/** Per tensor: length of the name, count of dimensions, type, offset; plus the name and the dimensions. */
const TENSOR_HEADER_BYTES = 8 + 4 + 4 + 8;

/** Source: ggml-org/ggml, docs/gguf.md. */
function computeFileBytes({ tensors, config, metadata, options }: PlannedFile): number {
  const model = inferModelTraits(tensors, config);
  const seen = new Map<TensorKind | null, number>();
  let headerBytes = FIXED_HEADER_BYTES + metadata.bytes;
  let dataBytes = 0;
  for (const tensor of tensors) {
    const { name, dimensions } = tensor;
    headerBytes += TENSOR_HEADER_BYTES + name.length + 8 * dimensions.length;
    let type = chooseUnquantizedType(tensor, options.fileType, config);
    if (type === null) {
      const kind = classifyTensorKind(name);
      const index = seen.get(kind) ?? 0;
      seen.set(kind, index + 1);
      type = chooseBlockType(options, model, {
        name,
        columns: dimensions[0] ?? 1,
        isExperts: dimensions.length > 2,
        index,
        layer: tensor.layer ?? 0,
      });
    }
    const weights = dimensions.reduce((product, dimension) => product * dimension, 1);
    dataBytes += align(computeBlockBytes(type, weights));
  }
  return align(headerBytes) + dataBytes;
}

/** Round up to the multiple of 32 bytes where the next tensor begins. */
function align(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}

/** Relative errors measured on published files, beyond what metadata and importance matrices explain. */
function estimateErrorBand({ tensors, config, metadata, options }: PlannedFile): number {
  const has = (text: string) => tensors.some(({ name }) => name.includes(text));
  const isQ2 = options.fileType === "Q2_K";
  // Files of BERT from other dates: bge-small-en-v1.5 of CompendiumLabs at Q8_0, 1.1 %.
  if (isEarlyBert(config)) return 0.015;
  // Mixtral-8x7B of TheBloke, made before experts were merged, is 7.1 % smaller at Q4_K_M.
  if (isModelType(config, "mixtral")) return 0.08;
  // Queries, keys and values were one tensor when phi-2 of TheBloke was made: 2.9 % at Q4_K_M.
  if (isModelType(config, "phi")) return 0.03;
  // In 2023 llama-quantize used more bits for Q2_K: Llama-2-7B-Chat and TinyLlama of TheBloke, 10.4 %.
  if (metadata.isOf2023) return isQ2 ? 0.11 : 0.003;
  // Publishers choose types of linear attention by hand: Qwen3.5-4B of unsloth, 1.2 % at Q4_K_M.
  if (has(".ssm_")) return 0.02;
  // unsloth uses a larger type for the embeddings of Gemma 3n than bartowski: E2B at Q4_K_M, 7.9 %.
  if (has("per_layer_token_embd")) return 0.08;
  // unsloth writes embeddings of IQ4_XS files as Q4_K: Qwen3-8B, 0.42 %.
  return options.fileType === "IQ4_XS" ? 0.005 : 0.001;
}

function listAssumptions({ config, metadata, options }: PlannedFile, isImatrixOpen: boolean): string[] {
  const assumptions: string[] = [];
  if (isImatrixOpen) assumptions.push(`made ${options.imatrix ? "with" : "without"} an importance matrix`);
  if (!metadata.isKnownTokenizer) assumptions.push("a tokenizer of usual size");
  if (isEarlyBert(config)) assumptions.push("converted in early 2024, as most files of BERT were");
  return assumptions;
}
