import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { modelTypes } from "../model/architectures.ts";
import { classifyArchitecture, listHeadChoices } from "./layers.ts";
import {
  buildOnnxGraphs,
  isMergedDecoder,
  type GraphWeight,
  type OnnxGraph,
  type Operation,
} from "./onnx-graphs.ts";
import {
  buildSchemes,
  sumTensors,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type PredictedFile,
  type PredictedTensor,
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
  /** Bytes per output channel, where each has its own scale. */
  readonly channelBytes: number;
  /** Bytes that each product in 4 bits adds to the graph: nodes and names, measured. */
  readonly nodeBytes: number;
}

const FLOAT = { quantized: null, channelBytes: 0, nodeBytes: 0 } as const;
const INT8 = { floatBytes: 4, quantized: "int8", channelBytes: 5, nodeBytes: 0 } as const;
const INT4 = { quantized: "int4", channelBytes: 0, nodeBytes: 150 } as const;

/** A zero point of 128 takes two bytes. */
const UINT8_CHANNEL_BYTES = 6;

/** huggingface/transformers.js, scripts/quantize.py; block sizes of bnb4 from onnxruntime's matmul_bnb4_quantizer.py. */
const MODES = {
  fp32: { suffix: "", floatBytes: 4, ...FLOAT },
  fp16: { suffix: "_fp16", floatBytes: 2, ...FLOAT },
  q8: { suffix: "_quantized", ...INT8 },
  int8: { suffix: "_int8", ...INT8 },
  uint8: { suffix: "_uint8", ...INT8, channelBytes: UINT8_CHANNEL_BYTES },
  q4: { suffix: "_q4", floatBytes: 4, ...INT4, block: 32 },
  q4f16: { suffix: "_q4f16", floatBytes: 2, ...INT4, block: 32 },
  bnb4: { suffix: "_bnb4", floatBytes: 4, ...INT4, block: 64, nodeBytes: 400 },
} as const satisfies Record<string, Mode>;

/**
 * Bytes of graph per layer, in 32 bits and in 16, where casts are added, and per product in 8 bits: measured on
 * Xenova/all-MiniLM-L6-v2 and Xenova/whisper-tiny, -base and -small, huuquyet/PhoWhisper-tiny, openai-community/gpt2 and
 * onnx-community/Qwen3-0.6B-ONNX.
 */
const GRAPH_BYTES = {
  encoder: { 4: 19_500, 2: 26_500, nodeBytes: 2_350, copies: 1 },
  decoder: { 4: 9_000, 2: 9_000, nodeBytes: 2_350, copies: 1 },
  "source-encoder": { 4: 15_500, 2: 24_000, nodeBytes: 2_350, copies: 1 },
  "merged-decoder": { 4: 85_000, 2: 122_000, nodeBytes: 2_350, copies: 2 },
  "merged-language-model": { 4: 78_700, 2: 113_000, nodeBytes: 4_860, copies: 2 },
} as const satisfies Record<OnnxGraph["kind"], Record<Mode["floatBytes"] | "nodeBytes" | "copies", number>>;

interface Exporter {
  readonly layerBytes?: Partial<Record<Mode["floatBytes"], number>>;
  readonly nodeBytes?: Partial<Record<OnnxGraph["kind"], number>>;
}

/** Exporters whose graphs differ from those. */
const EXPORTERS = {
  usual: {},
  // HuggingFaceTB/SmolLM-135M-Instruct: attention as separate nodes.
  Optimum: { layerBytes: { 4: 20_000, 2: 21_900 } },
  // sentence-transformers/all-MiniLM-L6-v2, model.onnx and model_qint8_avx512.onnx.
  "sentence-transformers": { layerBytes: { 4: 22_800 }, nodeBytes: { encoder: 3_350 } },
  // Xenova/whisper-tiny.en of 2023.
  Xenova: { nodeBytes: { "source-encoder": 1_320, "merged-decoder": 2_900 } },
} as const satisfies Record<NonNullable<SchemeOptions["exporter"]> | "usual" | "Optimum", Exporter>;

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
  schemes: buildSchemes(MODES, predict, listChoices),
} as const satisfies Ecosystem;

/**
 * Model types that transformers.js quantizes with one scale per layer, all others with one per output channel
 * (huggingface/transformers.js, scripts/convert.py, until 2026-01). DistilBERT came before that rule:
 * Xenova/distilbert-base-uncased-finetuned-sst-2-english, 67,370,466 bytes.
 */
const hasScalePerLayer = modelTypes(
  "codegen distilbert gpt2 gpt_bigcode gptj gpt_neo gpt_neox mpt bloom llama gemma opt mistral falcon phi phi3 qwen2",
  "stablelm starcoder2 openelm olmo whisper vision-encoder-decoder wavlm wav2vec2 unispeech-sat",
);

function listChoices(model: LogicalModel, mode: Mode): readonly Choice[] {
  const { config } = model;
  const kind = classifyArchitecture(model);
  const choices: Choice[] = [];
  if (mode.quantized === "int8")
    choices.push(
      hasScalePerLayer(config)
        ? { because: "one scale per channel", options: { perChannel: true } }
        : { because: "one scale per layer", options: { perChannel: false } },
    );
  // The decoder of Xenova/nb-whisper-tiny-beta in 4 bits has its head once, that of onnx-community/whisper-base again.
  choices.push(...listHeadChoices(model, kind === "encoder-decoder" && mode.quantized === "int4"));
  if (kind === "decoder")
    choices.push(
      isMergedDecoder(config)
        ? { because: "no causal masks (transformers since 2024)", options: { causalMask: false } }
        : { because: "no rotary caches (Optimum)", options: { rotaryCache: false } },
    );
  if (kind === "decoder" && mode.quantized === "int4")
    choices.push({ because: "embedding in 4 bits", options: { headBits: 4 } });
  // model_qint8_avx512.onnx of sentence-transformers/all-MiniLM-L6-v2.
  if (kind === "encoder")
    choices.push({
      because: "exported by sentence-transformers",
      options: { exporter: "sentence-transformers" },
    });
  // Whisper as in Xenova/whisper-tiny.en and Xenova/nb-whisper-tiny-beta; PhoWhisper-tiny has other graphs.
  if (kind === "encoder-decoder" && mode.quantized === "int8")
    choices.push({ because: "graphs as exported by Xenova", options: { exporter: "Xenova" } });
  // torch.onnx stores equal arrays once. In a trained model, no two are equal.
  choices.push({ because: "untrained, equal norms and biases stored once", options: { untrained: true } });
  return choices;
}

function predict(model: LogicalModel, mode: Mode, options: SchemeOptions): Prediction | Unknown {
  const graphs = buildOnnxGraphs(model, options, mode.quantized === "int4");
  if (isUnknown(graphs)) return graphs;
  const refusal = mode.quantized === "int4" ? refuseGemm(graphs) : null;
  if (refusal) return refusal;
  return predictGraphs(graphs, mode, { perChannel: !hasScalePerLayer(model.config), ...options });
}

/** Return why graphs in 4 bits would mislead: every product of openai-community/gpt2 is a `Gemm`, which stays as it was. */
function refuseGemm(graphs: readonly OnnxGraph[]): Unknown | null {
  const sum = (operation: Operation) =>
    graphs
      .flatMap(({ weights }) => weights.filter((weight) => weight.operation === operation))
      .reduce((total, { parameters }) => total + parameters, 0);
  const [wide, quantized] = [sum("gemm"), sum("matmul")];
  if (wide <= quantized) return null;
  const percent = Math.round((100 * wide) / (wide + quantized));
  return unknown(`${percent} % of the weights that are multiplied would stay unquantized`);
}

function predictGraphs(graphs: readonly OnnxGraph[], mode: Mode, options: SchemeOptions): Prediction {
  const files = graphs.map((graph): PredictedFile => ({
    path: `onnx/${graph.base}${mode.suffix}.onnx`,
    bytes: countGraphBytes(graph, mode, options),
  }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    ...sumTensors(
      graphs.flatMap(({ weights }) => weights.map((weight) => storeWeight(weight, mode, options))),
    ),
    bytes,
    files,
    errorBand: estimateErrorBand(graphs, bytes),
    assumptions: listAssumptions(graphs, mode, options),
  };
}

function countGraphBytes({ kind, layers, weights }: OnnxGraph, mode: Mode, options: SchemeOptions): number {
  const graph = GRAPH_BYTES[kind];
  const exporter: Exporter =
    EXPORTERS[options.exporter ?? (options.rotaryCache === false ? "Optimum" : "usual")];
  const layerBytes = exporter.layerBytes?.[mode.floatBytes] ?? graph[mode.floatBytes];
  const nodeBytes =
    mode.quantized === "int8" ? (exporter.nodeBytes?.[kind] ?? graph.nodeBytes) : mode.nodeBytes;
  // `_quantized` is of the type uint8 where a graph has convolutions (google/vit-base-patch16-224).
  const isUnsigned = mode.quantized === "int8" && weights.some(({ operation }) => operation === "conv");
  const stored =
    isUnsigned && mode.suffix === "_quantized" ? { ...mode, channelBytes: UINT8_CHANNEL_BYTES } : mode;
  let bytes = FRAME_BYTES + layers * layerBytes;
  for (const weight of weights) {
    bytes += storeWeight(weight, stored, options).bytes;
    if (weight.operation === "matmul" || weight.operation === "gemm") bytes += graph.copies * nodeBytes;
  }
  return bytes;
}

function storeWeight(weight: GraphWeight, mode: Mode, options: SchemeOptions): PredictedTensor {
  const { name, operation, parameters, outputs, inputs } = weight;
  const store = (type: string, bytes: number) => ({ name, type, weights: parameters, bytes });
  if (mode.quantized === "int8" && INT8_OPERATIONS.has(operation)) {
    // A scale in 32 bits and a zero point in 8, which takes two bytes where it is 128; a lookup has one of each.
    const isPerChannel = options.perChannel && (operation === "matmul" || operation === "gemm");
    return store(
      isPerChannel ? "int8 per channel" : "int8",
      parameters + (isPerChannel ? mode.channelBytes * outputs : 5),
    );
  }
  if (mode.block && operation === "matmul") {
    const block = options.groupSize ?? mode.block;
    return store(`int4 block ${block}`, outputs * Math.ceil(inputs / block) * (block / 2 + mode.floatBytes));
  }
  // Newer exports look up 4-bit rows, with a zero point per block: onnx-community/Qwen3.5-0.8B-ONNX, embed_tokens_q4.
  if (mode.block && operation === "gather" && options.headBits === 4)
    return store(
      `int4 block ${LOOKUP_BLOCK}`,
      Math.ceil((parameters / LOOKUP_BLOCK) * (LOOKUP_BLOCK / 2 + mode.floatBytes + 0.5)),
    );
  return store(mode.floatBytes === 2 ? "fp16" : "fp32", parameters * mode.floatBytes);
}

/** Graphs differ by exporter: measured on published files. */
function estimateErrorBand(graphs: readonly OnnxGraph[], bytes: number): number {
  // The older onnx-community/Qwen2.5-0.5B-Instruct is 1.2 % larger at q4; Qwen2.5-Coder-3B-Instruct is met within 0.03 %.
  if (graphs.some(({ kind }) => kind === "decoder") && bytes < 1e9) return 0.012;
  return bytes < 200e6 ? 0.003 : 0.001; // 0.2 % on all-MiniLM-L6-v2
}

function listAssumptions(
  graphs: readonly OnnxGraph[],
  mode: Mode,
  options: SchemeOptions,
): readonly string[] {
  const assumptions: string[] = [];
  if (graphs.some(({ kind }) => kind === "decoder") && options.rotaryCache !== false)
    assumptions.push("the graph holds rotary caches");
  if (mode.block && options.headBits !== 4)
    assumptions.push(`embeddings stay in ${mode.floatBytes * 8} bits`);
  if (mode.quantized === "int8")
    assumptions.push(options.perChannel ? "one scale per channel" : "one scale per layer");
  return assumptions;
}
