import { readCount, readNumber, type Config } from "../format/config.ts";
import { readDimension, readHeadSize } from "../format/dimensions.ts";
import { isModelType, modelTypes } from "../model/architectures.ts";
import type { Weight } from "../model/weight.ts";
import {
  classifyArchitecture,
  readLayerCount,
  readLinearLayer,
  isConv1D,
  withSeparateHead,
} from "./layers.ts";
import type { LogicalModel } from "./scheme.ts";

/** How a graph uses a weight, which decides what a quantizer does with it. */
export type Operation =
  /** A lookup: embeddings. */
  | "gather"
  /** A product with activations of three dimensions, the only one the 4-bit quantizers replace. */
  | "matmul"
  /** A product with activations of two dimensions: poolers and classifiers, which see one token. */
  | "gemm"
  | "conv"
  /** Everything else: biases, norms, positions that are added. */
  | "plain";

export interface GraphWeight {
  readonly operation: Operation;
  readonly parameters: number;
  readonly outputs: number;
  readonly inputs: number;
}

/** One graph that transformers.js loads. */
export interface Session {
  /** The file name without its suffix. */
  readonly base: "model" | "encoder_model" | "decoder_model_merged";
  readonly weights: readonly GraphWeight[];
  readonly layers: number;
  /** A source encoder feeds a merged decoder, which holds each layer twice: with a cache and without. */
  readonly kind: "encoder" | "decoder" | "source-encoder" | "merged-decoder";
}

/**
 * The graphs of a model, or why they are not known. A tied head is the embedding, transposed as the graph runs, unless
 * `separateHead`; before quantizing to 4 bits the script folds that into a second array where there is an encoder too
 * (the 140 MB of onnx-community/whisper-base, decoder_model_merged_q4.onnx).
 */
export function buildOnnxGraphs(
  model: LogicalModel,
  separateHead: boolean | undefined,
  inNibbles: boolean,
): readonly Session[] | string {
  const { weights, config } = model;
  const layers = readLayerCount(model);
  if (!config || layers === null) return "config.json does not say how many layers there are";
  const describe = (some: readonly Weight[]) => some.map((weight) => describeWeight(weight, config));
  switch (classifyArchitecture(model)) {
    case "encoder": {
      const used = withSeparateHead(weights.filter(isUsed(config)), separateHead && predictsTokens(config));
      return [{ base: "model", kind: "encoder", layers, weights: describe(used) }];
    }
    case "decoder": {
      if (weights.some(({ role }) => role === "experts"))
        return "no rule is known for mixtures of experts in ONNX";
      const cache = buildRotaryCache(config);
      if (cache === null) return "config.json has no plausible number of positions";
      const stored = describe(withSeparateHead(weights, separateHead));
      return [{ base: "model", kind: "decoder", layers, weights: [...stored, ...cache] }];
    }
    case "encoder-decoder": {
      const encoder = weights.filter(({ name }) => !DECODER_ONLY.test(name));
      const decoder = weights.filter(({ name }) => !ENCODER_ONLY.test(name));
      return [
        { base: "encoder_model", kind: "source-encoder", layers, weights: describe(encoder) },
        {
          base: "decoder_model_merged",
          kind: "merged-decoder",
          layers: Math.min(readDimension(config.text, "decoderLayers") ?? layers, weights.length),
          weights: describe(withSeparateHead(decoder, separateHead ?? inNibbles)),
        },
      ];
    }
    case "multimodal":
      return "multimodal models are exported as several graphs, in ways not known here";
    case "unknown":
      return "the architecture is not known";
  }
}

/** `shared` of T5 and BART is in both graphs, the head in the decoder alone. */
const ENCODER_ONLY = /^(?:model\.)?encoder\./;
const DECODER_ONLY = /^(?:model\.)?decoder\.|(?:^|\.)(?:lm_head|proj_out)\.|final_logits_bias/;

/** An export holds what its outputs need: a base model gives hidden states, a masked model logits, neither the pooler. */
function isUsed({ architecture }: Config): (weight: Weight) => boolean {
  const pools = /For(?:SequenceClassification|MultipleChoice|NextSentencePrediction)$/.test(
    architecture ?? "",
  );
  return ({ name }) => pools || !/(?:^|\.)(?:pooler|seq_relationship)\./.test(name);
}

function predictsTokens({ architecture }: Config): boolean {
  return architecture?.endsWith("ForMaskedLM") ?? false;
}

function describeWeight(weight: Weight, config: Config): GraphWeight {
  const { name, role, shape, parameters } = weight;
  const [rows = 1] = shape;
  const layer = readLinearLayer(weight, config);
  const { outputs, inputs } = layer ?? { outputs: rows, inputs: parameters / Math.max(rows, 1) };
  return {
    operation: classifyOperation(name, role, shape.length, layer !== null, config),
    parameters,
    outputs,
    inputs,
  };
}

function classifyOperation(
  name: string,
  role: Weight["role"],
  rank: number,
  isLinear: boolean,
  config: Config,
): Operation {
  if (rank < 2) return "plain";
  // gpt2's Conv1D is exported as Gemm (transformers, pytorch_utils.py, addmm).
  if (isLinear) return isConv1D(config) ? "gemm" : "matmul";
  if (rank > 2) return "conv";
  // Whisper slices its positions and adds them, where BERT and BART look theirs up.
  if (/embed_positions/.test(name) && isModelType(config, "whisper")) return "plain";
  if (role === "embedding" || /relative_attention_bias/.test(name)) return "gather";
  if (/pooler|classifier|score/.test(name))
    return config.architecture?.endsWith("ForTokenClassification") ? "matmul" : "gemm";
  return role === "head" ? "matmul" : "plain";
}

/** Decoders that add learned positions or a slope instead of rotating. */
const addsPositions = modelTypes("bloom gpt2 gpt_bigcode gpt_neo mpt openai-gpt opt xglm");

/** More than any model has: Llama 4 Scout reaches 10,485,760 positions, Gemma 4 a head of 512. */
const MAX_POSITIONS = 2 ** 24;
const MAX_HEAD_SIZE = 2 ** 12;

/**
 * Graphs with GroupQueryAttention hold the cosines and sines of all positions (microsoft/onnxruntime-genai,
 * src/python/py/models/builder.py); null where config.json is not to be believed.
 */
function buildRotaryCache(config: Config): readonly GraphWeight[] | null {
  if (addsPositions(config)) return [];
  const { text } = config;
  const positions = readCount(text, "max_position_embeddings") ?? Infinity;
  const headSize = readHeadSize(text) ?? Infinity;
  const rotated = readNumber(text, "partial_rotary_factor", "rotary_pct") ?? 1;
  if (positions > MAX_POSITIONS || headSize > MAX_HEAD_SIZE || rotated < 0 || rotated > 1) return null;
  const pairs = Math.floor((headSize * rotated) / 2);
  return [{ operation: "plain", parameters: 2 * positions * pairs, outputs: positions, inputs: 2 * pairs }];
}
