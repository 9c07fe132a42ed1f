import type { RepositoryFile } from "../source/repository.ts";
import { parseGgufFileName } from "./gguf/file-name.ts";

/** The facts in a file's name: which weights it may hold, in which format, and which files belong to it. */

export const WEIGHT_FORMATS = [
  "safetensors",
  "pytorch",
  "gguf",
  "onnx",
  "mediapipe",
  "litert",
  "tensorflow",
  "flax",
  "rust",
  "coreml",
  "openvino",
] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export interface WeightFile extends RepositoryFile {
  readonly format: WeightFormat;
  /** The folder, without a last `/`; empty for the root. */
  readonly folder: string;
  /** `model`, `pytorch_model`: the name without shard number, variant and ending. */
  readonly stem: string;
  /** `fp16` of `model.fp16.safetensors`, `Q4_K_M` of a GGUF file; empty for the plain one. */
  readonly variant: string;
  /** Of `model-00002-of-00005.safetensors`. */
  readonly shard: { readonly number: number; readonly count: number } | null;
}

/** The order decides: a `.bin` of OpenVINO, MediaPipe or Core ML is not a PyTorch file. */
const FORMATS: readonly (readonly [WeightFormat, RegExp])[] = [
  ["safetensors", /\.safetensors$/],
  ["gguf", /\.gguf$/],
  ["onnx", /\.onnx(?:_data(?:_\d+)?)?$/],
  ["openvino", /(?:^|\/)openvino_[^/]*\.(?:bin|xml)$/],
  ["mediapipe", /(?:-(?:cpu|gpu)-int[48]|-int[48]-(?:cpu|gpu)|_multi-prefill[^/]*)\.bin$|\.task$/],
  ["litert", /\.(?:tflite|litertlm)$/],
  ["coreml", /\.mlpackage\/.*weight\.bin$|\.mlmodelc?$/],
  ["pytorch", /\.(?:bin|pt|pth|ckpt)$/],
  ["tensorflow", /\.h5$|\.keras$|(?:^|\/)saved_model\.pb$/],
  ["flax", /\.msgpack$/],
  ["rust", /\.ot$/],
];

/** Written next to weights by trainers and tokenizers; not weights of the model. */
const NO_WEIGHTS =
  /(?:^|\/)(?:training_args|optimizer|scheduler|scaler|random_states|trainer_state|rng_state)[^/]*\.(?:bin|pt|pth)$|(?:^|\/)(?:global_step\d+|checkpoint-\d+|runs)\/|\.imatrix$|imatrix[^/]*\.(?:gguf|dat)$/;

/** `-00001-of-00003`, and BLOOM's `_00001-of-00072`. */
const SHARD = /[-_](\d{5,6})-of-(\d{5,6})$/;

/** Precisions and averages that diffusers and transformers put before the ending (`variant=`). */
const VARIANT = /\.(fp16|fp32|bf16|fp8|ema|non_ema|no_ema|8bit|4bit|int8|int4)$/;

/** Null for a file that holds no weights of the model itself. */
export function parseWeightFile(file: RepositoryFile): WeightFile | null {
  const format = FORMATS.find(([, pattern]) => pattern.test(file.path))?.[0];
  if (format === undefined || NO_WEIGHTS.test(file.path)) return null;
  const gguf = format === "gguf" ? parseGgufFileName(file.path) : null;
  if (gguf?.sidecar) return null;
  const slash = file.path.lastIndexOf("/");
  let stem = file.path.slice(slash + 1).replace(/\.[^.]+$/, "");
  // The variant stands before the shard number, in older files behind it.
  const early = VARIANT.exec(stem);
  if (early) stem = stem.slice(0, early.index);
  const shard = SHARD.exec(stem);
  if (shard) stem = stem.slice(0, shard.index);
  const late = VARIANT.exec(stem);
  if (late) stem = stem.slice(0, late.index);
  return {
    ...file,
    format,
    folder: slash === -1 ? "" : file.path.slice(0, slash),
    stem,
    variant: gguf ? (gguf.label ?? "") : ((late ?? early)?.[1] ?? ""),
    shard: shard ? { number: Number(shard[1]), count: Number(shard[2]) } : null,
  };
}
