import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { classifyArchitecture, findHead, listHeadChoices } from "./layers.ts";
import { buildOnnxGraphs, type GraphWeight } from "./onnx-graphs.ts";
import {
  buildSchemes,
  sumTensors,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type PredictedTensor,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Mode {
  /** Bytes of a scale, and of a weight that is not quantized: 4 for processors, 2 for GPUs. */
  readonly floatBytes: 2 | 4;
}

const MODES = { "cpu-int4": { floatBytes: 4 }, "gpu-int4": { floatBytes: 2 } } as const satisfies Record<
  string,
  Mode
>;

/** The usual number of weights that share a scale. */
const BLOCK = 32;

/** Bytes of graph per layer: builds of a Llama of 16 layers. */
const LAYER_BYTES = 7_600;

/** The values of `int4_algo_config`, except plain rounding. */
const ALGORITHMS = {
  rtn_last: { hasZeroPoints: false, isHeadWide: true, isMixed: false },
  k_quant: { hasZeroPoints: true, isHeadWide: false, isMixed: false },
  k_quant_last: { hasZeroPoints: true, isHeadWide: true, isMixed: false },
  k_quant_mixed: { hasZeroPoints: true, isHeadWide: true, isMixed: true },
} as const;

type Algorithm = (typeof ALGORITHMS)[keyof typeof ALGORITHMS];

const ROUNDING = { hasZeroPoints: false, isHeadWide: false, isMixed: false };

/**
 * ONNX for onnxruntime-genai, Foundry Local and Olive: cpu-int4-rtn-block-32 of microsoft/Phi-3-mini-4k-instruct-onnx.
 * Source: microsoft/onnxruntime-genai, src/python/py/models/builders/base.py.
 */
export const GENAI = {
  name: "genai",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict, (model): readonly Choice[] => [
    // directml-int4-awq-block-128 of the same repository.
    { because: "blocks of 128", options: { groupSize: 128 } },
    // Tied embeddings are shared since 2026-07-27 (#2312).
    ...listHeadChoices(model, true),
    ...(["k_quant", "k_quant_last", "k_quant_mixed", "rtn_last"] as const).map((int4Algorithm) => ({
      because: `int4_algo_config=${int4Algorithm}`,
      options: { int4Algorithm },
    })),
  ]),
} as const satisfies Ecosystem;

function predict(
  model: LogicalModel,
  { floatBytes }: Mode,
  { groupSize = BLOCK, separateHead = true, int4Algorithm, rotaryCache }: SchemeOptions,
): Prediction | Unknown {
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only onnxruntime-genai files of text decoders are predicted");
  const graphs = buildOnnxGraphs(
    model,
    { separateHead: true, ...(rotaryCache === false && { rotaryCache }) },
    true,
  );
  if (isUnknown(graphs)) return graphs;
  const [graph] = graphs;
  if (graph?.kind !== "decoder")
    return unknown("onnxruntime-genai does not build models without rotary positions");
  const { weights, layers } = graph;
  const algorithm: Algorithm | typeof ROUNDING = int4Algorithm ? ALGORITHMS[int4Algorithm] : ROUNDING;
  const isShared = !separateHead && !findHead(model.weights);
  const tensors = weights.map((weight): PredictedTensor => {
    const { name, operation, parameters, inputs, outputs } = weight;
    if (operation === "matmul") {
      const bits = deservesEightBits(weight, algorithm, layers) ? 8 : 4;
      const blocks = Math.ceil(inputs / groupSize);
      const zeroPoints = algorithm.hasZeroPoints ? Math.ceil((blocks * bits) / 8) : 0;
      const bytes = outputs * (blocks * ((groupSize * bits) / 8 + floatBytes) + zeroPoints);
      return { name, type: `int${bits} block ${groupSize}`, weights: parameters, bytes };
    }
    // The lookup reads the rows of the head.
    const bytes = operation === "gather" && isShared ? 0 : parameters * floatBytes;
    return { name, type: floatBytes === 4 ? "fp32" : "fp16", weights: parameters, bytes };
  });
  return {
    ...sumTensors(tensors, layers * LAYER_BYTES),
    errorBand: 0.002, // 0.11 % on builds of a Llama of 70 million parameters, less on larger ones.
    assumptions: [
      `blocks of ${groupSize}, ${int4Algorithm ?? "rtn"}`,
      isShared ? "embedding and head share one matrix" : `embeddings stay in ${floatBytes * 8} bits`,
    ],
  };
}

function deservesEightBits(
  { name }: GraphWeight,
  { isHeadWide, isMixed }: Algorithm | typeof ROUNDING,
  layers: number,
) {
  const layer = /\.layers\.(\d+)\./.exec(name)?.[1];
  if (layer === undefined) return isHeadWide;
  // Queries, keys and values are one product.
  return isMixed && /\.(?:[qkv]_proj|qkv_proj|down_proj)\./.test(name) && isCritical(Number(layer), layers);
}

/** True for the first and last eighth of the layers, and every third between, as llama.cpp has it but with fractions. */
function isCritical(layer: number, layers: number): boolean {
  const eighth = layers / 8;
  // Python rounds halves to the even number.
  const start = eighth % 1 === 0.5 ? 2 * Math.round(eighth / 2) : Math.round(eighth);
  return layer < eighth || layer >= 7 * eighth || (layer - start) % 3 === 2;
}
