import { unknown, type Unknown } from "../contract/unknown.ts";
import { BLOCK_TYPES, computeBlockBytes, type BlockType } from "../format/gguf/block-types.ts";
import { readCount } from "../format/config.ts";
import { isModelType } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import {
  buildSchemes,
  sumTensors,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
} from "./scheme.ts";

const TYPES = { f16: "F16", q8_0: "Q8_0", q5_0: "Q5_0", q5_1: "Q5_1" } as const satisfies Record<
  string,
  BlockType
>;

/** Magic number and settings, mel filters' sizes, count of tokens, and the tokens themselves. */
const HEADER_BYTES = 44 + 8 + 4 + 520_000;
const MEL_COLUMNS = 201;

/** Per tensor: three numbers, and a name such as `encoder.blocks.0.attn.query.weight`. */
const TENSOR_BYTES = 12 + 35;

/** whisper.cpp's own files, ggml-tiny.bin and ggml-tiny-q5_1.bin (ggml-org/whisper.cpp, models/convert-h5-to-ggml.py). */
export const WHISPER_CPP = {
  name: "whisper.cpp",
  isSelfContained: true,
  needsFamily: true,
  schemes: buildSchemes(TYPES, predict),
} as const satisfies Ecosystem;

function predict({ weights, config }: LogicalModel, type: BlockType): Prediction | Unknown {
  if (!isModelType(config, "whisper")) return unknown("whisper.cpp reads Whisper alone");
  const mels = (config && readCount(config.root, "num_mel_bins")) ?? 80;
  // The head is the embedding.
  const stored = weights.filter(({ role }) => role !== "head");
  const tensors = stored.map((weight): PredictedTensor => {
    const { name, shape, parameters } = weight;
    const own = chooseType(weight, type);
    const bytes = TENSOR_BYTES + 4 * shape.length + computeBlockBytes(own, parameters);
    return { name, type: own, weights: parameters, bytes };
  });
  return {
    ...sumTensors(tensors, HEADER_BYTES + 4 * mels * MEL_COLUMNS),
    errorBand: 0.001, // ggml-tiny.bin, ggml-tiny-q5_1.bin and ggml-base.bin, within their rounding.
    assumptions: [],
  };
}

/** Vectors and positions stay in 32 bits, convolutions in 16. */
function chooseType({ name, shape }: Weight, type: BlockType): BlockType {
  if (shape.length < 2 || name.includes("embed_positions")) return "F32";
  const isWhole = (shape.at(-1) ?? 0) % BLOCK_TYPES[type].elements === 0;
  return shape.length === 2 && isWhole ? type : "F16";
}
