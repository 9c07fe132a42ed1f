import { isUnknown, type Unknown } from "../contract/unknown.ts";
import { buildOnnxGraphs, type GraphWeight, type OnnxGraph, type Operation } from "./onnx-graphs.ts";
import {
  buildSchemes,
  sumArrays,
  type Ecosystem,
  type LogicalModel,
  type PredictedFile,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Mode {
  /** The end of the file name in transformers.js (huggingface/transformers.js, src/utils/dtypes.js). */
  readonly suffix: string;
  /** Bytes of a weight that is not quantized. */
  readonly floatBytes: 2 | 4;
  /** The width of quantized weights; null where nothing is quantized. */
  readonly quantized: "int8" | "int4" | null;
  /** Weights along the inputs that share an int4 scale. */
  readonly block?: 32 | 64;
  /** Bytes that each quantized product adds to the graph: nodes and names, measured. */
  readonly nodeBytes: number;
}

const INT8 = { floatBytes: 4, quantized: "int8", nodeBytes: 2_350 } as const;

/** huggingface/transformers.js, scripts/quantize.py; block sizes of bnb4 from onnxruntime's matmul_bnb4_quantizer.py. */
const MODES = {
  fp32: { suffix: "", floatBytes: 4, quantized: null, nodeBytes: 0 },
  fp16: { suffix: "_fp16", floatBytes: 2, quantized: null, nodeBytes: 0 },
  q8: { suffix: "_quantized", ...INT8 },
  int8: { suffix: "_int8", ...INT8 },
  uint8: { suffix: "_uint8", ...INT8 },
  q4: { suffix: "_q4", floatBytes: 4, quantized: "int4", block: 32, nodeBytes: 150 },
  q4f16: { suffix: "_q4f16", floatBytes: 2, quantized: "int4", block: 32, nodeBytes: 150 },
  bnb4: { suffix: "_bnb4", floatBytes: 4, quantized: "int4", block: 64, nodeBytes: 1_900 },
} as const satisfies Record<string, Mode>;

/**
 * Bytes of graph per layer, in 32 bits and in 16, where casts are added: measured on Xenova/all-MiniLM-L6-v2 and
 * Xenova/whisper-tiny, -base and -small, huuquyet/PhoWhisper-tiny, and onnx-community/Qwen3-0.6B-ONNX.
 */
const GRAPH_BYTES = {
  encoder: { 4: 19_500, 2: 26_500, copies: 1 },
  decoder: { 4: 9_000, 2: 9_000, copies: 1 },
  "source-encoder": { 4: 15_500, 2: 24_000, copies: 1 },
  "merged-decoder": { 4: 85_000, 2: 122_000, copies: 2 },
} as const satisfies Record<OnnxGraph["kind"], Record<Mode["floatBytes"] | "copies", number>>;

/** Bytes of inputs, outputs and nodes outside the layers. */
const FRAME_BYTES = 7_000;

/** Weights of an embedding that share a scale, where it is quantized to 4 bits. */
const LOOKUP_BLOCK = 32;

/** Operations whose weights the 8-bit quantizer replaces. */
const INT8_OPERATIONS: ReadonlySet<Operation> = new Set<Operation>(["gather", "matmul", "gemm", "conv"]);

/** ONNX, as transformers.js loads it. */
export const ONNX = {
  name: "onnx",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode, options: SchemeOptions): Prediction | Unknown {
  const graphs = buildOnnxGraphs(model, options.separateHead, mode.quantized === "int4");
  if (isUnknown(graphs)) return graphs;
  const files = graphs.map((graph): PredictedFile => ({
    path: `onnx/${graph.base}${mode.suffix}.onnx`,
    bytes: countGraphBytes(graph, mode, options),
  }));
  return {
    ...sumArrays(
      graphs.flatMap(({ weights }) => weights.map((weight) => countWeightBytes(weight, mode, options))),
    ),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    ...buildCaveats(graphs, mode, options),
  };
}

function countGraphBytes({ kind, layers, weights }: OnnxGraph, mode: Mode, options: SchemeOptions): number {
  const graph = GRAPH_BYTES[kind];
  let bytes = FRAME_BYTES + layers * graph[mode.floatBytes];
  for (const weight of weights) {
    bytes += countWeightBytes(weight, mode, options);
    if (weight.operation === "matmul" || weight.operation === "gemm") bytes += graph.copies * mode.nodeBytes;
  }
  return bytes;
}

function countWeightBytes(weight: GraphWeight, mode: Mode, options: SchemeOptions): number {
  const { operation, parameters, outputs, inputs } = weight;
  if (mode.quantized === "int8" && INT8_OPERATIONS.has(operation)) {
    // A scale in 32 bits and a zero point in 8; a lookup has one of each.
    const channels = options.perChannel && operation !== "gather" ? outputs : 1;
    return parameters + 5 * channels;
  }
  if (mode.block && operation === "matmul") {
    const block = options.groupSize ?? mode.block;
    return outputs * Math.ceil(inputs / block) * (block / 2 + mode.floatBytes);
  }
  // Newer exports look up 4-bit rows, with a zero point per block: onnx-community/Qwen3.5-0.8B-ONNX, embed_tokens_q4.
  if (mode.block && operation === "gather" && options.headBits === 4)
    return Math.ceil((parameters / LOOKUP_BLOCK) * (LOOKUP_BLOCK / 2 + mode.floatBytes + 0.5));
  return parameters * mode.floatBytes;
}

/** Return the error band, measured on published files, and the assumptions. */
function buildCaveats(
  graphs: readonly OnnxGraph[],
  mode: Mode,
  options: SchemeOptions,
): Pick<Prediction, "errorBand" | "assumptions"> {
  const isDecoder = graphs.some(({ kind }) => kind === "decoder");
  const assumptions: string[] = [];
  if (isDecoder) assumptions.push("the graph holds rotary caches");
  if (mode.block && options.headBits !== 4)
    assumptions.push(`embeddings stay in ${mode.floatBytes * 8} bits`);
  if (mode.quantized === "int8")
    assumptions.push(options.perChannel ? "one scale per channel" : "one scale per layer");
  // 1.1 % off on the older onnx-community/Qwen2.5-0.5B-Instruct; 0.5 % on encoders with a scale per channel.
  return { errorBand: isDecoder ? 0.02 : 0.01, assumptions };
}
