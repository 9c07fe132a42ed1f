import { unknown, type Unknown } from "../contract/unknown.ts";
import { buildOnnxGraphs, type GraphWeight, type Operation, type Session } from "./onnx-graphs.ts";
import { sumArrays } from "./scheme.ts";
import type { Ecosystem, LogicalModel, PredictedFile, Prediction, SchemeOptions } from "./scheme.ts";

interface Mode {
  /** What transformers.js puts behind the name of a file (huggingface/transformers.js, src/utils/dtypes.js). */
  readonly suffix: string;
  /** Bytes of a weight that is not quantized. */
  readonly floatBytes: 2 | 4;
  readonly quantizes: "nothing" | "bytes" | "nibbles";
  /** Weights along the inputs that share a scale, for nibbles. */
  readonly block?: 32 | 64;
  /** What one more quantized product adds to the graph: nodes and names, measured. */
  readonly nodeBytes: number;
}

const BYTES = { floatBytes: 4, quantizes: "bytes", nodeBytes: 2_350 } as const;

/** huggingface/transformers.js, scripts/quantize.py; block sizes of bnb4 from onnxruntime's matmul_bnb4_quantizer.py. */
const MODES = {
  fp32: { suffix: "", floatBytes: 4, quantizes: "nothing", nodeBytes: 0 },
  fp16: { suffix: "_fp16", floatBytes: 2, quantizes: "nothing", nodeBytes: 0 },
  q8: { suffix: "_quantized", ...BYTES },
  int8: { suffix: "_int8", ...BYTES },
  uint8: { suffix: "_uint8", ...BYTES },
  q4: { suffix: "_q4", floatBytes: 4, quantizes: "nibbles", block: 32, nodeBytes: 150 },
  q4f16: { suffix: "_q4f16", floatBytes: 2, quantizes: "nibbles", block: 32, nodeBytes: 150 },
  bnb4: { suffix: "_bnb4", floatBytes: 4, quantizes: "nibbles", block: 64, nodeBytes: 1_900 },
} as const satisfies Record<string, Mode>;

/**
 * Bytes of graph a layer, in 32 bits and in 16, where casts are added: measured on Xenova/all-MiniLM-L6-v2 and
 * Xenova/whisper-tiny, -base and -small, huuquyet/PhoWhisper-tiny, and onnx-community/Qwen3-0.6B-ONNX.
 */
const GRAPH_BYTES = {
  encoder: { 4: 19_500, 2: 26_500, copies: 1 },
  decoder: { 4: 9_000, 2: 9_000, copies: 1 },
  "source-encoder": { 4: 15_500, 2: 24_000, copies: 1 },
  "merged-decoder": { 4: 85_000, 2: 122_000, copies: 2 },
} as const satisfies Record<Session["kind"], Record<Mode["floatBytes"] | "copies", number>>;

/** Inputs, outputs and what stands before the first layer. */
const FRAME_BYTES = 7_000;

/** Weights of an embedding that share a scale, where it is quantized to 4 bits. */
const LOOKUP_BLOCK = 32;

/** What the 8-bit quantizer stores in bytes. */
const IN_BYTES: ReadonlySet<Operation> = new Set<Operation>(["gather", "matmul", "gemm", "conv"]);

/** ONNX, as transformers.js loads it. */
export const ONNX = {
  name: "onnx",
  isSelfContained: false,
  schemes: Object.entries(MODES).map(([name, mode]) => ({
    name,
    predict: (model, options) => predict(model, mode, options),
  })),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode, options: SchemeOptions): Prediction | Unknown {
  const sessions = buildOnnxGraphs(model, options.separateHead, mode.quantizes === "nibbles");
  if (typeof sessions === "string") return unknown(sessions);
  const files = sessions.map((session): PredictedFile => ({
    path: `onnx/${session.base}${mode.suffix}.onnx`,
    bytes: countSessionBytes(session, mode, options),
  }));
  return {
    ...sumArrays(
      sessions.flatMap(({ weights }) => weights.map((weight) => countWeightBytes(weight, mode, options))),
    ),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    ...judge(sessions, mode, options),
  };
}

function countSessionBytes({ kind, layers, weights }: Session, mode: Mode, options: SchemeOptions): number {
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
  if (mode.quantizes === "bytes" && IN_BYTES.has(operation)) {
    // A scale in 32 bits and a zero point in 8; lookups have one for all.
    const channels = options.perChannel && operation !== "gather" ? outputs : 1;
    return parameters + 5 * channels;
  }
  if (mode.block && operation === "matmul") {
    const block = options.groupSize ?? mode.block;
    return outputs * Math.ceil(inputs / block) * (block / 2 + mode.floatBytes);
  }
  // Newer exports look up 4-bit rows, with a zero point a block: onnx-community/Qwen3.5-0.8B-ONNX, embed_tokens_q4.
  if (mode.block && operation === "gather" && options.headBits === 4)
    return Math.ceil((parameters / LOOKUP_BLOCK) * (LOOKUP_BLOCK / 2 + mode.floatBytes + 0.5));
  return parameters * mode.floatBytes;
}

/** How far published files lie from the rule, and what was taken for granted. */
function judge(
  sessions: readonly Session[],
  mode: Mode,
  options: SchemeOptions,
): Pick<Prediction, "errorBand" | "assumptions"> {
  const isDecoder = sessions.some(({ kind }) => kind === "decoder");
  const assumptions: string[] = [];
  if (isDecoder) assumptions.push("the graph holds rotary caches");
  if (mode.block && options.headBits !== 4)
    assumptions.push(`embeddings stay in ${mode.floatBytes * 8} bits`);
  if (mode.quantizes === "bytes")
    assumptions.push(options.perChannel ? "one scale a channel" : "one scale for all channels of a layer");
  // 1.1 % off on the older onnx-community/Qwen2.5-0.5B-Instruct; 0.5 % on encoders with a scale a channel.
  return { errorBand: isDecoder ? 0.02 : 0.01, assumptions };
}
