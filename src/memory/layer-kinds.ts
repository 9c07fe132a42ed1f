import { readCount } from "../format/config.ts";
import { isKnownDecoder, isLongcatFlash } from "./decoders.ts";
import type { Facts } from "./facts.ts";
import { LAYER_RULES } from "./layer-rules.ts";

/** What a layer keeps between tokens; `image` attends to an image alone. */
export const LAYER_KINDS = ["full", "window", "state", "full+state", "image", "none"] as const;

export type LayerKind = (typeof LAYER_KINDS)[number];

/** The kind of a layer, by index; undefined where a list in the config does not reach it. */
export type LayerRule = (layer: number) => LayerKind | undefined;

/** Layers of a kind that is not known. */
export interface UnknownKind {
  readonly reason: string;
}

/** The kind of each layer: from the config's own list, its model type's rule, or the plainest reading. */
export function classifyLayers(facts: Facts, architecture: string | null): LayerRule | UnknownKind {
  const { modelType, text } = facts;
  const names = [modelType, architecture ?? "", ...Object.keys(text).filter((key) => isSet(text[key]))];
  const hint = isKnown(modelType) ? undefined : names.find((name) => OTHER_MECHANISM.test(name));
  if (hint !== undefined)
    return { reason: `what ${hint} means for the cache of this model type is not known` };
  const window = WINDOWS.find(
    (key) => (Boolean(text[key]) || Number.isNaN(text[key])) && readCount(text, key) === null,
  );
  if (window !== undefined) return { reason: `config.json gives no usable ${window}` };
  const listed = text["layer_types"] ?? text["layers_block_type"];
  const kindOf = Array.isArray(listed)
    ? readNames(listed, facts)
    : (LAYER_RULES.get(modelType) ?? readPlainly)(facts);
  if (typeof kindOf !== "function" || !LAST_IS_FULL.has(modelType)) return kindOf;
  const last = readCount(text, "num_hidden_layers");
  return (layer) => (layer + 1 === last ? "full" : kindOf(layer));
}

/** transformers makes the last layer of google/gemma-4-31B-it full, whatever its config says. */
const LAST_IS_FULL: ReadonlySet<string> = new Set(["gemma4", "gemma4_unified"]);

/** meituan-longcat/LongCat-Flash-Lite is of the type longcat_flash_ngram. */
function isKnown(modelType: string): boolean {
  return isKnownDecoder(modelType) || isLongcatFlash(modelType);
}

/**
 * Types, architectures and keys of models that keep something other than keys and values once a layer, in model types
 * that are not known: inclusionAI/Ring-mini-linear-2.0, recursal/QRWKV6-32B-Instruct-Preview-v0.1, ByteDance/Ouro-1.4B.
 */
const OTHER_MECHANISM =
  /mamba|ssm|rwkv|retnet|retention|hyena|lstm|griffin|recur|linear(?!s)|lightning|state_size|hybrid|block_config|attn_type|attention_type|other_setting|delta|kda|compress|conv|swa_|layer_pattern|index_(?:head|topk)|depth_decoder|layer_group|group_norm|loop|ut_steps|mixer|token_?shift|yoco|share_kv|kv_shar/i;

const WINDOWS = ["sliding_window", "attention_chunk_size", "attention_window_size"] as const;

function isSet(value: unknown): boolean {
  return Boolean(value) && !(Array.isArray(value) && value.length === 0);
}

/** Names of `layer_types` and `layers_block_type`: huggingface/transformers src/transformers/cache_utils.py. */
const KIND_OF_NAME: ReadonlyMap<unknown, LayerKind> = new Map<unknown, LayerKind>([
  ["full_attention", "full"],
  ["attention", "full"], // ibm-granite/granite-4.0-h-tiny
  ["indexed_attention", "full"],
  ["deepseek_sparse_attention", "full"],
  ["sliding_attention", "window"],
  ["chunked_attention", "window"], // meta-llama/Llama-4-Scout-17B-16E
  ["linear_attention", "state"],
  ["mamba", "state"],
  ["conv", "state"], // LiquidAI/LFM2-1.2B
  ["hybrid", "full+state"], // Zyphra/Zamba2-7B
  ["moe", "none"],
  ["mlp", "none"],
]);

/** Known beside multi-head latent attention alone: deepseek-ai/DeepSeek-V3.2, zai-org/GLM-5. */
const INDEXED: ReadonlySet<unknown> = new Set(["indexed_attention", "deepseek_sparse_attention"]);

function readNames(names: readonly unknown[], { text }: Facts): LayerRule | UnknownKind {
  const stranger = names.find(
    (name) => !KIND_OF_NAME.has(name) || (INDEXED.has(name) && !text["kv_lora_rank"]),
  );
  if (stranger !== undefined) return { reason: `what a layer of ${String(stranger)} keeps is not known` };
  return (layer) => KIND_OF_NAME.get(names[layer]);
}

/** Ordinary attention in all layers. */
function readPlainly({ text }: Facts): LayerRule | UnknownKind {
  const window = readCount(text, "sliding_window", "attention_chunk_size");
  if (window === null || text["use_sliding_window"] === false) return () => "full";
  return { reason: `which layers have the sliding window of ${window} tokens is not known` };
}
