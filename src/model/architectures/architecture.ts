/** The columns of the table of architectures, and short ways to write them. */
import type { JsonObject } from "../../format/config.ts";

/** The kind of state that a layer keeps between tokens; `image` attends to an image alone. */
export type LayerKind = "full" | "slidingWindow" | "ssm" | "full+ssm" | "image" | "none";

/** The kinds of the layers: a rule of `memory/layer-rules.ts`, or a pattern that a row can state by itself. */
export type LayerPattern =
  | LayerRuleName
  /** Full attention in every n-th layer, where n may be stated under one of the keys of config.json. */
  | { readonly fullEvery: number; readonly keys: readonly string[]; readonly other: LayerKind }
  /** The layers that config.json lists under a key. */
  | { readonly listedIn: string; readonly listed: LayerKind; readonly other: LayerKind };

export type LayerRuleName =
  | "allSsm"
  | "allFullAndSsm"
  | "blockConfigs"
  | "exaone4"
  | "jamba"
  | "kimiLinear"
  | "llama4"
  | "mimo"
  | "minimax"
  | "nemotronH"
  | "qwen2Moe"
  | "recurrentGemma"
  | "slidingWindow"
  | "slidingWindowFrom"
  | "slidingWindowFromAlways"
  | "slidingWindowIf"
  | "smollm3"
  | "zamba";

/** How a layer without attention keeps its state: a function of `memory/ssm.ts`. */
export type SsmKind =
  | "mamba"
  | "jamba"
  | "mamba2"
  | "deltaNet"
  | "kimiDelta"
  | "lightning"
  | "shortConvolution"
  | "gatedRecurrence"
  | "rwkv";

/** Where the number of key-value heads is stated in an unusual way: a function of `memory/heads.ts`. */
export type KvHeadsRule = "falcon" | "multiQuery" | "santacoder" | "chatglm" | "attnConfig";

/**
 * The facts of one model type, as in `model_type` of config.json. From huggingface/transformers v5.18.0,
 * src/transformers/models/<type>/configuration_<type>.py, unless a column states otherwise.
 */
export interface ArchitectureRow {
  /** Whether the output head is the embedding if config.json does not state it; left out where unknown. */
  readonly tied?: boolean;
  /** An encoder of text with BERT's inputs and heads (models/auto/modeling_auto.py). */
  readonly isTextEncoder?: true;
  /** Linear layers are stored as [inputs, outputs] (pytorch_utils.py, Conv1D). */
  readonly isConv1D?: true;
  /** Its convolutional backbone has frozen batch normalization, whose arrays are all buffers: facebook/detr-resnet-50. */
  readonly hasFrozenBackbone?: true;
  /** The bias that balances its routers is a parameter, not a buffer: baidu/ERNIE-4.5-21B-A3B-PT. */
  readonly hasTrainedRouterBalance?: true;
  /** Ends of names that are buffers in this model type alone. */
  readonly buffers?: readonly string[];
  /** Which layers have attention, where config.json does not list them; ordinary attention in all if left out. */
  readonly layers?: LayerPattern;
  readonly ssm?: SsmKind;
  /** Two in a layer of meituan-longcat/LongCat-Flash-Chat. */
  readonly attentionsPerLayer?: 2;
  readonly kvHeads?: KvHeadsRule;
  /**
   * Values that the language model's part of config.json omits because they equal the default of its configuration
   * class: google/gemma-3-4b-it omits its heads and their size, llava-hf/llava-1.5-7b-hf everything.
   */
  readonly defaults?: JsonObject;
  /** Name in GGUF files where it differs (ggml-org/llama.cpp, gguf-py/gguf/constants.py). */
  readonly gguf?: string;
  /** Why the KV cache of this model type cannot be computed. */
  readonly unknownKvCache?: string;
}

/** Default sizes of a whole language model. */
export function sizes(
  layers: number,
  hidden: number,
  heads: number,
  kvHeads?: number,
  headSize?: number,
): JsonObject {
  return {
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    ...(kvHeads && kvSizes(kvHeads, headSize)),
  };
}

/** Default sizes of keys and values. */
export function kvSizes(kvHeads: number, headSize?: number): JsonObject {
  return { num_key_value_heads: kvHeads, ...(headSize && { head_dim: headSize }) };
}

/** Default sizes of multi-head latent attention. */
export function mlaSizes(rank: number, rotary: number, unrotated: number, value: number): JsonObject {
  return { kv_lora_rank: rank, qk_rope_head_dim: rotary, qk_nope_head_dim: unrotated, v_head_dim: value };
}

/** Full attention in the last of every `interval` layers, sliding windows in the others. */
export function fullEvery(interval: number, ...keys: readonly string[]): LayerPattern {
  return { fullEvery: interval, keys, other: "slidingWindow" };
}

/** Attention in the last of every `interval` layers, states in the others. */
export function attentionEvery(interval: number, ...keys: readonly string[]): LayerPattern {
  return { fullEvery: interval, keys, other: "ssm" };
}

export function listed(key: string, kind: LayerKind, other: LayerKind): LayerPattern {
  return { listedIn: key, listed: kind, other };
}

/** The words of a text. */
export type Words<Text extends string> = Text extends `${infer Word} ${infer Rest}`
  ? Word | Words<Rest>
  : Text;

/** Return one row for several model types; their names are separated by spaces. */
export function alike<const Lines extends readonly string[]>(
  row: ArchitectureRow,
  ...lines: Lines
): Record<Words<Lines[number]>, ArchitectureRow> {
  const entries = lines.flatMap((line) => line.split(" ")).map((modelType) => [modelType, row]);
  return Object.fromEntries(entries) as Record<Words<Lines[number]>, ArchitectureRow>;
}
