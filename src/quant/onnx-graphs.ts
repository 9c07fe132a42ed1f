/** The graphs that transformers.js loads, and how each uses its weights. */
import { unknown, type Unknown } from "../contract/unknown.ts";
import { readCount, readNumber, type Config } from "../format/config.ts";
import { readDimension, readHeadSize } from "../format/dimensions.ts";
import { isModelType, modelTypes } from "../model/architectures.ts";
import type { Role } from "../contract/terms.ts";
import type { Weight } from "../model/weight.ts";
import {
  BLOCK_ROLES,
  classifyArchitecture,
  isConv1D,
  readLayerCount,
  readLinearLayer,
  withSeparateHead,
} from "./layers.ts";
import type { LogicalModel, SchemeOptions } from "./scheme.ts";

/** How a graph uses a weight, which decides what a quantizer does with it. */
export type Operation =
  /** A lookup: embeddings. */
  | "gather"
  /** A product with activations of three dimensions, the only one that 4-bit quantizers replace. */
  | "matmul"
  /** A product with activations of two dimensions: poolers and classifiers, which see one token. */
  | "gemm"
  | "conv"
  /** Everything else: biases, norms, positions that are added. */
  | "plain";

export interface GraphWeight {
  readonly name: string;
  readonly operation: Operation;
  readonly parameters: number;
  readonly outputs: number;
  readonly inputs: number;
}

/** One graph that transformers.js loads. */
export interface OnnxGraph {
  /** The file name without its suffix. */
  readonly base: "model" | "encoder_model" | "decoder_model_merged";
  readonly weights: readonly GraphWeight[];
  readonly layers: number;
  /** A merged graph holds each layer twice: with a cache and without. A source encoder feeds a merged decoder. */
  readonly kind: "encoder" | "decoder" | "source-encoder" | "merged-decoder" | "merged-language-model";
}

type GraphOptions = Pick<SchemeOptions, "separateHead" | "rotaryCache" | "causalMask" | "untrained">;

/**
 * Build the graphs of a model. A tied head is the embedding, transposed at run time, unless `separateHead`. Where there
 * is an encoder too, quantizing to 4 bits first folds the transposed copy into a second array (the 140 MB of
 * onnx-community/whisper-base, decoder_model_merged_q4.onnx).
 */
export function buildOnnxGraphs(
  model: LogicalModel,
  { separateHead, rotaryCache, causalMask, untrained }: GraphOptions,
  isInt4: boolean,
): readonly OnnxGraph[] | Unknown {
  const { weights, config } = model;
  const layers = readLayerCount(model);
  if (!config || layers === null) return unknown("the number of layers is not in config.json");
  const build = (some: readonly Weight[]) => {
    const stored = untrained ? mergeEqualVectors(some) : some;
    return stored.map((weight) => buildGraphWeight(weight, config));
  };
  switch (classifyArchitecture(model)) {
    case "encoder": {
      const used = withSeparateHead(weights.filter(isUsed(config)), separateHead && predictsTokens(config));
      return [{ base: "model", kind: "encoder", layers, weights: build(used) }];
    }
    case "decoder": {
      if (weights.some(({ role }) => role === "experts"))
        return unknown("ONNX exports of mixtures of experts are not predicted");
      const stored = build(withSeparateHead(weights, separateHead));
      // Optimum exported these decoders with and without a cache, and merged both: openai-community/gpt2.
      if (isMergedDecoder(config)) {
        const tables = causalMask === false ? [] : buildPositionTables(config);
        return [
          {
            base: "decoder_model_merged",
            kind: "merged-language-model",
            layers,
            weights: [...stored, ...tables],
          },
        ];
      }
      const cache = rotaryCache === false ? [] : buildRotaryCache(config);
      if (cache === null) return unknown("the number of positions in config.json is not plausible");
      return [{ base: "model", kind: "decoder", layers, weights: [...stored, ...cache] }];
    }
    case "encoder-decoder": {
      const encoder = weights.filter(({ name }) => !DECODER_ONLY.test(name));
      const decoder = weights.filter(({ name }) => !ENCODER_ONLY.test(name));
      return [
        { base: "encoder_model", kind: "source-encoder", layers, weights: build(encoder) },
        {
          base: "decoder_model_merged",
          kind: "merged-decoder",
          layers: Math.min(readDimension(config.text, "decoderLayers") ?? layers, weights.length),
          weights: build(withSeparateHead(decoder, separateHead ?? isInt4)),
        },
      ];
    }
    case "multimodal":
      return unknown("ONNX exports of multimodal models are not predicted");
    case "unknown":
      if (!isImageEncoder(config)) return unknown("the architecture is unknown");
      return [{ base: "model", kind: "encoder", layers, weights: build(weights.filter(isUsed(config))) }];
  }
}

/** `shared` of T5 and BART is in both graphs, the head in the decoder alone. */
const ENCODER_ONLY = /^(?:model\.)?encoder\./;
const DECODER_ONLY = /^(?:model\.)?decoder\.|(?:^|\.)(?:lm_head|proj_out)\.|final_logits_bias/;

/** An export holds only what its outputs need: hidden states of a base model and logits of a masked model need no pooler. */
function isUsed({ architecture }: Config): (weight: Weight) => boolean {
  const pools = /For(?:SequenceClassification|MultipleChoice|NextSentencePrediction)$/.test(
    architecture ?? "",
  );
  return ({ name }) =>
    !name.endsWith("mask_token") && (pools || !/(?:^|\.)(?:pooler|seq_relationship)\./.test(name));
}

function predictsTokens({ architecture }: Config): boolean {
  return architecture?.endsWith("ForMaskedLM") ?? false;
}

/** Image encoders of one tower, whose head sees one token: google/vit-base-patch16-224. */
const isImageEncoder = modelTypes("vit deit dinov2");

const GRAPH_ROLES: ReadonlySet<Role> = new Set<Role>([...BLOCK_ROLES, "vision"]);

/** Drop all but one of the norms, and of the biases, of each length: an untrained model has ones and zeros in them. */
function mergeEqualVectors(weights: readonly Weight[]): readonly Weight[] {
  const seen = new Set<string>();
  return weights.filter(({ name, shape }) => {
    if (shape.length !== 1) return true;
    const key = `${name.endsWith("bias") ? 0 : 1} ${shape[0]}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function buildGraphWeight(weight: Weight, config: Config): GraphWeight {
  const { name, shape, parameters } = weight;
  const [rows = 1] = shape;
  const layer = readLinearLayer(weight, config, GRAPH_ROLES);
  const { outputs, inputs } = layer ?? { outputs: rows, inputs: parameters / Math.max(rows, 1) };
  return { name, operation: classifyOperation(weight, layer !== null, config), parameters, outputs, inputs };
}

function classifyOperation({ name, role, shape }: Weight, isLinear: boolean, config: Config): Operation {
  if (shape.length < 2) return "plain";
  // gpt2's Conv1D is exported as Gemm (transformers, pytorch_utils.py, addmm).
  if (isLinear) return isConv1D(config) ? "gemm" : "matmul";
  if (shape.length > 2) return shape[0] === 1 ? "plain" : "conv";
  // Whisper slices its positions and adds them, where BERT and BART look theirs up.
  if (/embed_positions/.test(name) && isModelType(config, "whisper")) return "plain";
  if (role === "embedding" || /relative_attention_bias/.test(name)) return "gather";
  if (/pooler|classifier|score/.test(name))
    return config.architecture?.endsWith("ForTokenClassification") ? "matmul" : "gemm";
  return role === "head" ? "matmul" : "plain";
}

/** Decoders that Optimum exported with and without a cache, merging both: Xenova/codegen-350M-mono, openai-community/gpt2. */
export const isMergedDecoder = modelTypes(
  "bloom codegen gpt2 gpt_bigcode gpt_neo gptj mpt openai-gpt opt xglm",
);

const hasCausalMask = modelTypes("codegen gpt2 gpt_bigcode gptj");
const hasSinusoids = modelTypes("codegen gptj");

/** Each of both branches holds one byte per pair of positions, and CodeGen's also the sines and cosines. */
function buildPositionTables(config: Config): readonly GraphWeight[] {
  const positions = readDimension(config.text, "contextLength") ?? 0;
  if (!hasCausalMask(config) || positions > MAX_MASKED_POSITIONS) return [];
  const pairs = { name: "causal mask", parameters: (2 * positions ** 2) / FLOAT_BYTES, inputs: positions };
  const rotated = (hasSinusoids(config) && readCount(config.text, "rotary_dim")) || 0;
  const sinusoids = {
    name: "embed_positions",
    parameters: 2 * positions * Math.min(rotated, MAX_HEAD_SIZE),
    inputs: rotated,
  };
  return [pairs, sinusoids].map((table) => ({ ...table, operation: "plain", outputs: positions }));
}

/** More than any model with a stored mask has: bigcode/starcoder reaches 8,192 positions. */
const MAX_MASKED_POSITIONS = 2 ** 14;

/** Bytes of a plain weight in 32 bits. */
const FLOAT_BYTES = 4;

/** More than any model has: Llama 4 Scout reaches 10,485,760 positions, Gemma 4 a head of 512. */
const MAX_POSITIONS = 2 ** 24;
const MAX_HEAD_SIZE = 2 ** 12;

/**
 * Build the cosines and sines of all positions, which graphs with GroupQueryAttention hold (microsoft/onnxruntime-genai,
 * src/python/py/models/builder.py); null where the numbers in config.json are not plausible.
 */
function buildRotaryCache(config: Config): readonly GraphWeight[] | null {
  const { text } = config;
  const positions = readDimension(text, "contextLength") ?? Infinity;
  const headSize = readHeadSize(text) ?? Infinity;
  const rotaryDim = readCount(text, "rotary_dim"); // Salesforce/codegen-350M-mono
  const rotated =
    rotaryDim === null
      ? (readNumber(text, "partial_rotary_factor", "rotary_pct") ?? 1)
      : rotaryDim / headSize;
  if (positions > MAX_POSITIONS || headSize > MAX_HEAD_SIZE || rotated < 0 || rotated > 1) return null;
  const pairs = Math.floor((headSize * rotated) / 2);
  const shape = { parameters: 2 * positions * pairs, outputs: positions, inputs: 2 * pairs };
  return [{ name: "cos_cache and sin_cache", operation: "plain", ...shape }];
}
