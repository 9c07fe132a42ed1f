import { isModelType, tabulateModelTypes } from "../model/architectures.ts";
import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import { isVocabularyMatrix, readLinearLayer } from "./layers.ts";
import {
  buildSchemes,
  sumTensors,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
} from "./scheme.ts";

/** Bits per weight, by role. */
interface Mode {
  readonly attention: 4 | 8;
  readonly mlp: 4 | 8;
  readonly embedding: 4 | 8;
}

/** Google's own files named int4 keep attention in 8 bits: gemma-2b-it-gpu-int4.bin. */
const MODES = {
  int4: { attention: 8, mlp: 4, embedding: 4 },
  int8: { attention: 8, mlp: 8, embedding: 8 },
} as const satisfies Record<string, Mode>;

/** Each output channel has one scale in 32 bits; unquantized weights are as wide. */
const SCALE_BYTES = 4;
const FLOAT_BYTES = 4;

/**
 * Models that the converter supports (google-ai-edge/mediapipe, mediapipe/tasks/python/genai/converter), with the bytes
 * of the tokenizer in the file: Gemma's tokenizer.model, exact, and a tokenizer.json of some 2.1 MB of the others.
 */
const readTokenizerBytes = tabulateModelTypes({
  gemma: 4_241_003,
  phi: 2_100_000,
  falcon: 2_100_000,
  stablelm: 2_100_000,
});

/** MediaPipe LLM Inference: one .bin with the tokenizer inside. */
export const MEDIAPIPE = {
  name: "mediapipe",
  isSelfContained: true,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode): Prediction | Unknown {
  // The one known file, an int8 of gemma-2-2b-it, is 18 % larger than this rule.
  if (isModelType(model.config, "gemma2")) return unknown("MediaPipe files of Gemma 2 follow another rule");
  const tokenizerBytes = readTokenizerBytes(model.config);
  if (tokenizerBytes === null)
    return unknown(
      `the MediaPipe converter does not support model type ${model.config?.modelType ?? "unknown"}`,
    );
  const tensors = model.weights.map((weight) => storeWeight(weight, model, mode));
  return {
    ...sumTensors(tensors, tokenizerBytes),
    errorBand: 0.001, // 0.008 % on gemma-2b-it-gpu-int4.bin, 0.001 % on gemma-7b-it-gpu-int8.bin.
    assumptions: [
      `attention in ${mode.attention}, feed-forward in ${mode.mlp} and embedding in ${mode.embedding} bits`,
      "one file, tokenizer included",
    ],
  };
}

function storeWeight(weight: Weight, { config }: LogicalModel, mode: Mode): PredictedTensor {
  const { name, role, shape, parameters } = weight;
  const store = (bits: 4 | 8, channels: number) => ({
    name,
    type: `int${bits}`,
    weights: parameters,
    bytes: Math.ceil((parameters * bits) / 8) + SCALE_BYTES * channels,
  });
  const layer = readLinearLayer(weight, config);
  if (layer) return store(role === "attention" ? mode.attention : mode.mlp, layer.matrices * layer.outputs);
  if (isVocabularyMatrix(weight)) return store(mode.embedding, shape[0] ?? 0);
  return { name, type: "float32", weights: parameters, bytes: parameters * FLOAT_BYTES };
}
