import { readCount } from "../model/config.ts";
import { isKnownDecoder } from "./decoders.ts";
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
export function classifyLayers(facts: Facts): LayerRule | UnknownKind {
  const { modelType, text } = facts;
  const hint = Object.keys(text).find((key) => OTHER_MECHANISM.test(key) && isSet(text[key]));
  if (hint !== undefined && !isKnownDecoder(modelType))
    return { reason: `what ${hint} means for the cache of this model type is not known` };
  const window = WINDOWS.find(
    (key) => (Boolean(text[key]) || Number.isNaN(text[key])) && readCount(text, key) === null,
  );
  if (window !== undefined) return { reason: `config.json gives no usable ${window}` };
  const names = text["layer_types"] ?? text["layers_block_type"];
  if (Array.isArray(names)) return readNames(names, facts);
  return (LAYER_RULES.get(modelType) ?? readPlainly)(facts);
}

/** Keys of layers that keep something other than keys and values, in model types that are not known. */
const OTHER_MECHANISM =
  /mamba|ssm|rwkv|recurren|linear_attn|linear_attention|lightning|retention|state_size|hybrid|block_config|attn_type|attention_type|other_setting|delta|kda|compress|conv|swa_|layer_pattern|index_(?:head|topk)|depth_decoder/;

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
