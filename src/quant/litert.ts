import { tabulateModelTypes } from "../model/architectures.ts";
import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import { isVocabularyMatrix, readLayerCount, readLinearLayer } from "./layers.ts";
import {
  buildSchemes,
  sumTensors,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

const BITS = { int4: 4, int8: 8 } as const;

/** A scale in 32 bits and a zero point in 64 per channel, repeated by every graph of the bundle. */
const CHANNEL_BYTES = 12;

/** Graphs in a bundle: 3 to 8 in published ones, 5 in most (google-ai-edge/gallery, model_allowlists). */
const USUAL_SIGNATURES = 5;

interface Bundle {
  /** Bytes of operations per layer and graph, measured on published bundles. */
  readonly graphBytes: number;
  readonly tokenizerBytes: number;
}

const GEMMA: Bundle = { graphBytes: 48_000, tokenizerBytes: 4_689_074 };
const OTHER: Bundle = { graphBytes: 24_000, tokenizerBytes: 2_000_000 };

/** Text models that google-ai-edge/ai-edge-torch converts (ai_edge_torch/generative/examples). */
const findBundle = tabulateModelTypes({
  gemma: GEMMA,
  gemma2: GEMMA,
  gemma3_text: GEMMA,
  llama: OTHER,
  phi: OTHER,
  phi3: OTHER,
  qwen2: OTHER,
  qwen3: OTHER,
});

/** LiteRT, as in `.task` and `.litertlm` bundles: one scale per channel, norms and biases in 32 bits. */
export const LITERT = {
  name: "litert",
  isSelfContained: true,
  schemes: buildSchemes(BITS, predict, () =>
    // gemma3-1b-it-int4.litertlm has 8, fine-tunes of functiongemma-270m have 3.
    [8, 3].map((signatures) => ({ because: `${signatures} graphs in the bundle`, options: { signatures } })),
  ),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, bits: number, options: SchemeOptions): Prediction | Unknown {
  const { weights, config } = model;
  const bundle = findBundle(config);
  const layers = readLayerCount(model);
  if (!bundle || !layers) {
    // Gemma 3n and 4 are bundles of several models: text, vision, audio, a drafter.
    return unknown(`LiteRT bundles of model type ${config?.modelType ?? "unknown"} are not predicted`);
  }
  const signatures = options.signatures ?? USUAL_SIGNATURES;
  const tensors = weights.map((weight): PredictedTensor => {
    const { name, parameters } = weight;
    const channels = countChannels(weight, model);
    return channels === null
      ? { name, type: "float32", weights: parameters, bytes: parameters * 4 }
      : {
          name,
          type: `int${bits}`,
          weights: parameters,
          bytes: Math.ceil((parameters * bits) / 8) + CHANNEL_BYTES * channels * signatures,
        };
  });
  return {
    ...sumTensors(tensors, bundle.tokenizerBytes + signatures * layers * bundle.graphBytes),
    largestArrayBytes: null,
    errorBand: 0.005, // 0.36 % on the worst of eight published bundles.
    assumptions: [
      `${signatures} graphs in the bundle`,
      `every matrix in ${bits} bits with one scale per channel`,
    ],
  };
}

/** Count the channels of a weight; null where it is not quantized. */
function countChannels(weight: Weight, { config }: LogicalModel): number | null {
  const layer = readLinearLayer(weight, config);
  if (layer) return layer.matrices * layer.outputs;
  return isVocabularyMatrix(weight) ? (weight.shape[0] ?? null) : null;
}
