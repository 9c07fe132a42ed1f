/** Predict GGUF files as llama.cpp's converter and llama-quantize write them, tensor by tensor. */
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import { computeBlockBytes, type BlockType } from "../../format/gguf/block-types.ts";
import type { Config } from "../../format/config.ts";
import { isModelType } from "../../model/architectures.ts";
import type {
  Ecosystem,
  LogicalModel,
  PredictedTensor,
  Prediction,
  Scheme,
  SchemeOptions,
} from "../scheme.ts";
import {
  buildEraInput,
  hasHead,
  isMadeWithImatrix,
  listChoices,
  listLargeHeads,
  PER_LAYER_EMBEDDING,
} from "./choices.ts";
import { inferEra, isEarlyBert } from "./eras.ts";
import { dependsOnImatrix, FILE_TYPES, LARGE_HEAD_MIXES, type FileType } from "./file-types.ts";
import type { GgufOptions, TensorKind } from "./kind-rules.ts";
import { estimateMetadata, type MetadataEstimate } from "./metadata.ts";
import { chooseBlockType, classifyTensorKind } from "./mix.ts";
import { inferModelTraits, type ModelTraits } from "./model-traits.ts";
import { fuseAttention, layOutTensors, splitExperts, type GgufTensor } from "./tensors.ts";
import { predictProjectorBytes } from "./projector.ts";
import { chooseUnquantizedType } from "./unquantized-type.ts";
import { chooseUsualTypes } from "./usual-types.ts";

/** Files for llama.cpp, Ollama and LM Studio. */
export const GGUF = {
  name: "gguf",
  isSelfContained: true,
  schemes: [
    ...FILE_TYPES.map((fileType) => buildScheme(fileType, fileType)),
    ...Object.entries(LARGE_HEAD_MIXES).map(([name, fileType]) => buildScheme(name, fileType, 8)),
  ],
} as const satisfies Ecosystem;

/** `largeHeadBits` are those of the embedding and the head where the name promises more than usual. */
function buildScheme(name: string, fileType: FileType, largeHeadBits?: 8): Scheme {
  const usual = largeHeadBits === undefined ? {} : { headBits: largeHeadBits };
  return {
    name,
    predict: (model, options) => predictGguf(fileType, model, { ...usual, ...options }),
    listChoices: (model) => [
      ...(largeHeadBits === undefined ? [] : listLargeHeads(fileType)),
      ...listChoices(fileType, model),
    ],
  };
}

/** The types of `headBits` and `embeddingBits`. */
const TYPES_BY_BITS: ReadonlyMap<number, BlockType> = new Map([
  [4, "Q4_K"],
  [5, "Q5_K"],
  [6, "Q6_K"],
  [8, "Q8_0"],
  [16, "F16"],
]);

function predictGguf(fileType: FileType, model: LogicalModel, options: SchemeOptions): Prediction | Unknown {
  const file = planFile(fileType, model, options);
  if (isUnknown(file)) return file;
  const bytes = computeFileBytes(file);
  const projectorBytes = predictProjectorBytes(model);
  const isImatrixOpen = options.imatrix === undefined && dependsOnImatrix(fileType);
  return {
    bytes,
    largestArrayBytes: null,
    ...(projectorBytes !== null && { projectorBytes }),
    errorBand: estimateErrorBand(file, bytes) + file.metadata.uncertaintyBytes / bytes,
    parameters: file.tensors.reduce((sum, tensor) => sum + countWeights(tensor), 0),
    assumptions: listAssumptions(file, isImatrixOpen),
    listTensors: () => listTensors(file),
  };
}

function listTensors(file: PlannedFile): readonly PredictedTensor[] {
  return [...chooseTypes(file)].map(({ tensor, type }) => {
    const weights = countWeights(tensor);
    return { name: tensor.name, type, weights, bytes: computeBlockBytes(type, weights) };
  });
}

function planFile(fileType: FileType, model: LogicalModel, options: SchemeOptions): PlannedFile | Unknown {
  const { imatrix, separateHead = false, headBits, embeddingBits = headBits, isFromF32 = false } = options;
  const headType = headBits === undefined ? null : TYPES_BY_BITS.get(headBits);
  const embeddingType = embeddingBits === undefined ? null : TYPES_BY_BITS.get(embeddingBits);
  if (headType === undefined) return unknown(`GGUF does not support a head of ${headBits} bits`);
  if (embeddingType === undefined)
    return unknown(`GGUF does not support an embedding of ${embeddingBits} bits`);
  const layout = layOutTensors(model);
  if (isUnknown(layout)) return layout;

  const { config } = model;
  const input = buildEraInput(fileType, model);
  const era = options.era ?? inferEra(input);
  const { embedding } = layout;
  const isHeadAdded = separateHead && !hasHead(layout);
  const tensors = isHeadAdded ? [...layout.tensors, { ...embedding, name: "output.weight" }] : layout.tensors;
  const stored = era === "2023" ? layOutOf2023(tensors, config) : tensors;
  return {
    tensors: stored,
    config,
    traits: inferModelTraits(isModelType(config, "phi") ? stored : tensors, config),
    metadata: estimateMetadata(embedding.dimensions[1] ?? 0, config, era),
    options: {
      fileType,
      era,
      imatrix: imatrix ?? isMadeWithImatrix(fileType, input),
      headType,
      embeddingType,
      chosenTypes: new Map(Object.entries(options.chosenTypes ?? chooseUsualTypes(fileType, config))),
      isFromF32,
    },
  };
}

/** Converters of 2023 wrote each expert by itself, and phi-2 as its first checkpoint was. */
function layOutOf2023(tensors: readonly GgufTensor[], config: Config | null): readonly GgufTensor[] {
  return isModelType(config, "phi") ? fuseAttention(tensors) : splitExperts(tensors);
}

interface PlannedFile {
  readonly tensors: readonly GgufTensor[];
  readonly config: Config | null;
  readonly traits: ModelTraits;
  readonly metadata: MetadataEstimate;
  readonly options: GgufOptions;
}

/** Magic number, version, and the counts of tensors and of metadata entries, in bytes. */
const FIXED_HEADER_BYTES = 4 + 4 + 8 + 8;

/** Per tensor: length of the name, count of dimensions, type, offset; plus the name and the dimensions. */
const TENSOR_HEADER_BYTES = 8 + 4 + 4 + 8;

/** Source: ggml-org/ggml, docs/gguf.md. */
function computeFileBytes(file: PlannedFile): number {
  let headerBytes = FIXED_HEADER_BYTES + file.metadata.bytes;
  let dataBytes = 0;
  for (const { tensor, type } of chooseTypes(file)) {
    headerBytes += TENSOR_HEADER_BYTES + tensor.name.length + 8 * tensor.dimensions.length;
    dataBytes += align(computeBlockBytes(type, countWeights(tensor)));
  }
  return align(headerBytes) + dataBytes;
}

/** Choose the type of each tensor, in the order of the tool, which counts those of a kind. */
function* chooseTypes({ tensors, traits, options }: PlannedFile): Generator<{
  tensor: GgufTensor;
  type: BlockType;
}> {
  const seen = new Map<TensorKind | null, number>();
  for (const tensor of tensors) {
    const { name, dimensions } = tensor;
    let type = chooseUnquantizedType(tensor, options);
    if (type === null) {
      const kind = classifyTensorKind(name, options.era);
      const index = seen.get(kind) ?? 0;
      seen.set(kind, index + 1);
      type = chooseBlockType(options, traits, {
        name,
        columns: dimensions[0] ?? 1,
        isExperts: dimensions.length > 2,
        index,
        layer: tensor.layer ?? 0,
      });
    }
    yield { tensor, type };
  }
}

function countWeights({ dimensions }: GgufTensor): number {
  return dimensions.reduce((product, dimension) => product * dimension, 1);
}

/** Round up to the multiple of 32 bytes where the next tensor begins. */
function align(bytes: number): number {
  return Math.ceil(bytes / 32) * 32;
}

/** Relative errors measured on published files, beyond the metadata. */
function estimateErrorBand({ tensors, metadata, options }: PlannedFile, bytes: number): number {
  const measured = metadata.isKnownTokenizer ? 0.001 : 0.002;
  const perLayer = tensors.find(({ name }) => name === PER_LAYER_EMBEDDING);
  const isSettled = /^(?:F|BF|Q8|Q4_K)/.test(options.fileType);
  if (!perLayer || isSettled || options.era !== "2026") return measured;
  // Most of the file, and publishers choose its type: in Q4_K_M, unsloth's gemma-4-E2B-it is smaller by 1.1 bits per weight.
  return measured + (1.1 / 8) * (countWeights(perLayer) / bytes);
}

function listAssumptions({ config, metadata, options }: PlannedFile, isImatrixOpen: boolean): string[] {
  const assumptions: string[] = [];
  if (isImatrixOpen && options.era !== "2023")
    assumptions.push(`made ${options.imatrix ? "with" : "without"} an importance matrix`);
  if (!metadata.isKnownTokenizer) assumptions.push("a tokenizer of usual size");
  if (options.era === "2023") assumptions.push("made by llama.cpp of 2023");
  if (isEarlyBert(config) && options.era === "2024-03")
    assumptions.push("converted in early 2024, as most files of BERT were");
  return assumptions;
}
