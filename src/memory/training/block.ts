/** The facts of a decoder that decide what training keeps of each token. */
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import { readCount, readString, type Config } from "../../format/config.ts";
import { keysOf, readDimension, readHeadSize } from "../../format/dimensions.ts";
import { LAYER_PATTERN, type Weight } from "../../model/weight.ts";
import { inferKvCacheLayers } from "../kv-cache-layers.ts";

/**
 * How transformers writes a norm: `rms` in 32 bits, `gemma` with its weight in 32 bits too, `cohere` step by step, `layer` as
 * one kernel.
 */
type Norm = "rms" | "gemma" | "cohere" | "layer";

/** Widths in elements of one token. */
export interface TrainedBlock {
  readonly layers: number;
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Of the tensor that values are in, with the keys that latents are expanded to: deepseek-ai/DeepSeek-V3. */
  readonly values: number;
  /** Of the output of attention. */
  readonly attended: number;
  /** Of the latents of queries, keys and values, which have norms of their own; 0 without. */
  readonly latents: number;
  /** Of the feed-forward network that one token passes, all chosen experts together. */
  readonly feedForward: number;
  /** Of the experts that every token passes. */
  readonly sharedFeedForward: number;
  /** Experts that a token is copied to; 0 without a mixture. */
  readonly experts: number;
  readonly norm: Norm;
  /** Norms whose output linear layers read, and norms that end a branch. */
  readonly leadingNorms: number;
  readonly closingNorms: number;
  readonly hasHeadNorms: boolean;
  /** Attention and feed-forward network read the same state: EleutherAI/pythia-410m. */
  readonly isParallel: boolean;
  /** Copies of the feed-forward width that the activation keeps, without the product that the last layer reads. */
  readonly activationCopies: number;
  readonly isGated: boolean;
  /** The activation keeps its output, which is what the last layer reads: ReLU. */
  readonly keepsOutput: boolean;
  readonly isQkvFused: boolean;
  /** Keeps the fused tensor, of which values are a part. */
  readonly keepsQkv: boolean;
  readonly isGateFused: boolean;
  /** Adds a bias by distance to all scores, one tensor for all layers: tiiuae/falcon-rw-1b. */
  readonly hasBiases: boolean;
  /** Keeps all scores in 32 bits: tiiuae/falcon-7b shares its heads in a way that no other kernel of torch takes. */
  readonly keepsScores: boolean;
  readonly hasDropout: boolean;
  readonly hasSoftcap: boolean;
  readonly isTied: boolean;
}

/** Copies that the composed kinds of GELU keep: huggingface/transformers src/transformers/activations.py. */
const COMPOSED: Readonly<Record<string, number>> = {
  gelu_new: 4,
  gelu_fast: 6,
  quick_gelu: 2,
  xielu: 4.5, // with a mask of one byte: swiss-ai/Apertus-8B-2509
  gelu_python: 3,
};

const QKV = /\.(?:qkv_proj|query_key_value|c_attn|Wqkv|qkv|in_proj_qkv)\.weight$/;
const GATE = /\.(?:gate_up_proj|gate_and_up|w12|dense_h_to_4h_swiglu)\.weight$/;
const GATED = /\.(?:gate_proj|w1|gate_up_proj|gate_and_up)\.weight$|\.gate_up_proj$/;
const HEAD_NORM = /\.(?:q_norm|k_norm|q_layernorm|k_layernorm|query_norm|key_norm)\.weight$/;
const POSITIONS = /(?:^|\.)(?:wpe|embed_positions|position_embeddings)\.weight$/;

/** Read the facts; unknown for what is not a decoder with ordinary attention in every layer. */
export function readTrainedBlock(config: Config, weights: readonly Weight[]): TrainedBlock | Unknown {
  const { text } = config;
  if (OWN_ATTENTION.has(config.modelType ?? ""))
    return unknown(`training is not known for the attention of ${config.modelType}, which is not torch's`);
  const cache = inferKvCacheLayers(config);
  if (isUnknown(cache)) return unknown(`what its training keeps is not known: ${cache.reason}`);
  const kinds = new Set(cache.layers.map(({ kind }) => kind));
  const isPlain = [...kinds].every((kind) => kind === "full" || kind === "slidingWindow" || kind === "mla");
  if (cache.layers.length === 0 || !isPlain)
    return unknown("training is known for decoders with attention in every layer");
  const hidden = readDimension(text, "hiddenSize");
  const heads = readCount(text, ...keysOf("decoderHeads", "heads"));
  const vocabulary = readDimension(text, "vocabSize") ?? readDimension(config.root, "vocabSize");
  const headSize = readHeadSize(text);
  if (hidden === null || heads === null || vocabulary === null || headSize === null)
    return unknown("config.json does not state the widths of the model");
  const own = weights.filter(({ name }) => LAYER_PATTERN.exec(name)?.groups?.["index"] === "1");
  const first = own.length > 0 ? own : weights;
  const has = (pattern: RegExp) => first.some(({ name }) => pattern.test(name));
  const networks = readFeedForward(config, hidden);
  const norms = first.filter(
    ({ name, shape, role }) =>
      role === "norm" &&
      shape.length === 1 &&
      shape[0] === hidden &&
      name.endsWith("weight") &&
      !HEAD_NORM.test(name),
  ).length;
  // tiiuae/falcon-40b spreads its 8 heads of keys over all 128 before it attends.
  const isSpread = config.modelType === "falcon" && text["new_decoder_architecture"] === true;
  const isGated = has(GATED);
  const hasRotation = text["alibi"] !== true && !weights.some(({ name }) => POSITIONS.test(name));
  const activation = readString(text, "hidden_act", "hidden_activation", "activation_function") ?? "silu";
  return {
    layers: cache.layers.length,
    vocabulary,
    hidden,
    heads,
    ...readAttention(config, { heads, headSize, isSpread }),
    ...networks,
    norm: readNorm(config),
    leadingNorms: Math.min(2, norms),
    closingNorms: Math.max(0, norms - 2),
    hasHeadNorms: has(HEAD_NORM),
    isParallel: norms === 1 || isSpread || text["use_parallel_residual"] === true,
    activationCopies: isGated ? 3 : (COMPOSED[activation] ?? (activation === "relu" ? 0 : 1)),
    isGated,
    keepsOutput: activation === "relu",
    isQkvFused: has(QKV),
    keepsQkv: has(QKV) && hasRotation && !isSpread,
    isGateFused: has(GATE),
    hasBiases: text["alibi"] === true,
    keepsScores: config.modelType === "falcon" && !isSpread && text["multi_query"] !== false,
    hasDropout: DROPOUTS.some((key) => Number(text[key] ?? 0) > 0),
    hasSoftcap: Number(text["final_logit_softcapping"] ?? 0) > 0,
    isTied: !weights.some(({ role }) => role === "head"),
  };
}

function readAttention(
  { text }: Config,
  { heads, headSize, isSpread }: { heads: number; headSize: number; isSpread: boolean },
): Pick<TrainedBlock, "queries" | "keys" | "values" | "attended" | "latents"> {
  const rank = readCount(text, "kv_lora_rank");
  const [plain, rotary] = [readCount(text, "qk_nope_head_dim"), readCount(text, "qk_rope_head_dim")];
  const value = readCount(text, "v_head_dim");
  if (rank !== null && plain !== null && rotary !== null && value !== null) {
    const queries = heads * (plain + rotary);
    const latents = rank + (readCount(text, "q_lora_rank") ?? 0);
    return { queries, keys: queries, values: heads * (plain + value), attended: heads * value, latents };
  }
  const queries = heads * headSize;
  const keys = isSpread ? queries : (readDimension(text, "kvHeads") ?? heads) * headSize;
  return { queries, keys, values: keys, attended: queries, latents: 0 };
}

/** Types without scaled dot-product attention in transformers (`_supports_sdpa`), which keep all scores in their own way. */
const OWN_ATTENTION: ReadonlySet<string> = new Set(
  "bloom mpt gptj codegen gpt_oss xglm openai-gpt ctrl".split(" "),
);

/** Where a config states the share of the hidden state that is dropped. */
const DROPOUTS = ["resid_pdrop", "hidden_dropout", "hidden_dropout_prob", "dropout", "residual_dropout"];

function readNorm({ modelType, text }: Config): Norm {
  // allenai/OLMo-2-0425-1B scales in 32 bits, too.
  if (/^(?:gemma|olmo[23])/.test(modelType ?? "")) return "gemma";
  if (modelType?.startsWith("cohere")) return "cohere";
  if (modelType === "nemotron") return "layer";
  return ["rms_norm_eps", "norm_eps", "rms_norm_epsilon"].some((key) => text[key] !== undefined)
    ? "rms"
    : "layer";
}

function readFeedForward(
  { text }: Config,
  hidden: number,
): Pick<TrainedBlock, "experts" | "feedForward" | "sharedFeedForward"> {
  const dense = readDimension(text, "intermediateSize") ?? readCount(text, "ffn_dim") ?? 4 * hidden;
  const experts = readDimension(text, "expertsPerToken");
  if (experts === null || readDimension(text, "experts") === null)
    return { experts: 0, feedForward: dense, sharedFeedForward: 0 };
  const width = readCount(text, "moe_intermediate_size") ?? dense;
  const shared =
    readCount(text, "shared_expert_intermediate_size") ?? (readCount(text, "n_shared_experts") ?? 0) * width;
  return { experts, feedForward: experts * width + shared, sharedFeedForward: shared };
}
