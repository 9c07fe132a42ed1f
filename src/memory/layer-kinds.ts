import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { readCount } from "../format/config.ts";
import { keysOf, readDimension } from "../format/dimensions.ts";
import type { LayerKind } from "../model/architectures/architecture.ts";
import { isKnownDecoder, type ConfigReader } from "./config-reader.ts";
import { applyPattern, type LayerRule } from "./layer-rules.ts";

/** Infer the kind of each layer: from the config's own list, the pattern of its model type, or the plainest reading. */
export function classifyLayers(reader: ConfigReader, architecture: string | null): LayerRule | Unknown {
  const { modelType, text, isType } = reader;
  const names = [modelType, architecture ?? "", ...Object.keys(text).filter((key) => isSet(text[key]))];
  const hint = isKnownDecoder(reader) ? undefined : names.find((name) => OTHER_MECHANISM.test(name));
  if (hint !== undefined) return unknown(`what ${hint} means for the cache of this model type is not known`);
  const window = keysOf("slidingWindow").find(
    (key) => (Boolean(text[key]) || Number.isNaN(text[key])) && readCount(text, key) === null,
  );
  if (window !== undefined) return unknown(`config.json gives no usable ${window}`);
  const pattern = reader.architecture?.layers;
  const listed = text["layer_types"] ?? text["layers_block_type"];
  const kindOf = Array.isArray(listed)
    ? readNames(listed, reader)
    : pattern === undefined
      ? readPlainly(reader)
      : applyPattern(pattern, reader);
  // transformers makes the last layer of google/gemma-4-31B-it full, whatever its config states.
  if (isUnknown(kindOf) || !(isType("gemma4") || isType("gemma4_unified"))) return kindOf;
  const last = readDimension(text, "layers");
  return (layer) => (layer + 1 === last ? "full" : kindOf(layer));
}

/**
 * Types, architectures and keys of models that keep something other than keys and values once per layer, in model types
 * that are not known: inclusionAI/Ring-mini-linear-2.0, recursal/QRWKV6-32B-Instruct-Preview-v0.1, ByteDance/Ouro-1.4B.
 */
const OTHER_MECHANISM =
  /mamba|ssm|rwkv|retnet|retention|hyena|lstm|griffin|recur|linear(?!s)|lightning|state_size|hybrid|block_config|attn_type|attention_type|other_setting|delta|kda|compress|conv|swa_|layer_pattern|index_(?:head|topk)|depth_decoder|layer_group|group_norm|loop|ut_steps|mixer|token_?shift|yoco|share_kv|kv_shar/i;

function isSet(value: unknown): boolean {
  return Boolean(value) && !(Array.isArray(value) && value.length === 0);
}

/** Names of `layer_types` and `layers_block_type`: huggingface/transformers src/transformers/cache_utils.py. */
const KIND_OF_NAME: ReadonlyMap<unknown, LayerKind> = new Map<unknown, LayerKind>([
  ["full_attention", "full"],
  ["attention", "full"], // ibm-granite/granite-4.0-h-tiny
  ["indexed_attention", "full"],
  ["deepseek_sparse_attention", "full"],
  ["sliding_attention", "slidingWindow"],
  ["chunked_attention", "slidingWindow"], // meta-llama/Llama-4-Scout-17B-16E
  ["linear_attention", "ssm"],
  ["mamba", "ssm"],
  ["conv", "ssm"], // LiquidAI/LFM2-1.2B
  ["hybrid", "full+ssm"], // Zyphra/Zamba2-7B
  ["moe", "none"],
  ["mlp", "none"],
]);

/** Known only with multi-head latent attention: deepseek-ai/DeepSeek-V3.2, zai-org/GLM-5. */
const INDEXED: ReadonlySet<unknown> = new Set(["indexed_attention", "deepseek_sparse_attention"]);

function readNames(names: readonly unknown[], { text }: ConfigReader): LayerRule | Unknown {
  const stranger = names.find(
    (name) => !KIND_OF_NAME.has(name) || (INDEXED.has(name) && !text["kv_lora_rank"]),
  );
  if (stranger !== undefined) return unknown(`what a layer of ${String(stranger)} keeps is not known`);
  return (layer) => KIND_OF_NAME.get(names[layer]);
}

/** Ordinary attention in all layers. */
function readPlainly({ text }: ConfigReader): LayerRule | Unknown {
  const window = readCount(text, "sliding_window", "attention_chunk_size");
  if (window === null || text["use_sliding_window"] === false) return () => "full";
  return unknown(`which layers have the sliding window of ${window} tokens is not known`);
}
