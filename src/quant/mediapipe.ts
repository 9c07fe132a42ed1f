import { tabulateModelTypes } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import { findLargest } from "./largest-array.ts";
import { readLinearLayer } from "./layers.ts";
import type { Prediction, Scheme, Subject, Unpredictable } from "./scheme.ts";

/** Bits a weight, by what it is for. */
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

/** Each output channel has one scale in 32 bits, and what is not quantized is as wide. */
const SCALE_BYTES = 4;
const FLOAT_BYTES = 4;

/**
 * Models the converter knows (google-ai-edge/mediapipe, mediapipe/tasks/python/genai/converter), and the tokenizer it
 * puts into the file: Gemma's tokenizer.model, exact, and a tokenizer.json of some 2.1 MB of the others.
 */
const readTokenizerBytes = tabulateModelTypes({
  gemma: 4_241_003,
  gemma2: 4_241_003,
  phi: 2_100_000,
  falcon: 2_100_000,
  stablelm: 2_100_000,
});

/** MediaPipe LLM Inference: one .bin with the tokenizer inside. */
export const mediapipeSchemes: readonly Scheme[] = Object.entries(MODES).map(([name, mode]) => ({
  family: "mediapipe",
  name,
  predict: (subject) => predict(subject, mode),
}));

function predict(subject: Subject, mode: Mode): Prediction | Unpredictable {
  const modelType = subject.config?.modelType ?? "unknown";
  const tokenizerBytes = readTokenizerBytes(subject.config);
  if (tokenizerBytes === null)
    return { bytes: null, reason: `the MediaPipe converter has no rule for models of type ${modelType}` };
  const arrays = subject.weights.map((weight) => countBytes(weight, subject, mode));
  return {
    bytes: arrays.reduce((sum, bytes) => sum + bytes, tokenizerBytes),
    largestBytes: findLargest(arrays),
    band: 0.001, // 0.008 % on gemma-2b-it-gpu-int4.bin, 0.001 % on gemma-7b-it-gpu-int8.bin.
    assumptions: [
      `attention in ${mode.attention}, feed-forward in ${mode.mlp} and embedding in ${mode.embedding} bits`,
      "one file, tokenizer included",
    ],
  };
}

function countBytes(weight: Weight, { config }: Subject, mode: Mode): number {
  const { role, shape, parameters } = weight;
  const layer = readLinearLayer(weight, config);
  if (layer) {
    const bits = role === "attention" ? mode.attention : mode.mlp;
    return Math.ceil((parameters * bits) / 8) + SCALE_BYTES * layer.matrices * layer.outputs;
  }
  if ((role === "embedding" || role === "head") && shape.length === 2)
    return Math.ceil((parameters * mode.embedding) / 8) + SCALE_BYTES * (shape[0] ?? 0);
  return parameters * FLOAT_BYTES;
}
