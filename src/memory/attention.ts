import { readCount } from "../format/config.ts";
import { keysOf } from "../format/dimensions.ts";
import { readerOfSection, type ConfigReader } from "./config-reader.ts";
import { countHeads, countHeadSize, countKvHeads } from "./heads.ts";
import type { KvCacheLayer } from "./kv-cache.ts";

/** Build a layer that keeps a key and a value of every key-value head, for every token. */
export function buildAttention(reader: ConfigReader, layer: number): KvCacheLayer {
  return buildMla(reader, layer) ?? { kind: "full", elements: countFullElements(reader) };
}

/** Build a layer that keeps only the last tokens. */
export function buildSlidingWindow(reader: ConfigReader): KvCacheLayer {
  return {
    kind: "slidingWindow",
    elements: countSlidingWindowElements(reader),
    windowTokens: reader.count(...keysOf("slidingWindow")),
  };
}

/** Build the attention to an encoder's output. */
export function buildCrossAttention(reader: ConfigReader): KvCacheLayer {
  // The encoder of openai/whisper-tiny always gives 1,500 positions, for 30 seconds.
  const encoderTokens = reader.isType("whisper") ? reader.count("max_source_positions") : null;
  return { kind: "cross", elements: countFullElements(reader), encoderTokens };
}

/** Build the attention to the patches of one image of the largest size: 4 tiles in meta-llama/Llama-3.2-11B-Vision. */
export function buildImageAttention(reader: ConfigReader): KvCacheLayer {
  const vision = readerOfSection(reader, reader.vision);
  const patchesPerTile = (vision.count("image_size") / vision.count("patch_size")) ** 2 + 1;
  return {
    kind: "cross",
    elements: countFullElements(reader),
    encoderTokens: patchesPerTile * vision.count("max_num_tiles"),
  };
}

/**
 * Multi-head latent attention keeps one compressed vector and one rotary key per token, whatever the heads: 512 + 64
 * elements in deepseek-ai/DeepSeek-V3. Sparse attention adds a key for the indexer that picks tokens: zai-org/GLM-5.
 * From huggingface/transformers src/transformers/models/deepseek_v32/modeling_deepseek_v32.py.
 */
function buildMla(reader: ConfigReader, layer: number): KvCacheLayer | null {
  const compressed = reader.flag("use_mla", true) ? reader.optional("kv_lora_rank") : null;
  if (compressed === null) return null;
  const rotary = reader.count("qk_rope_head_dim");
  const headElements = reader.count("qk_nope_head_dim") + rotary + reader.count("v_head_dim");
  return {
    kind: "mla",
    elements: compressed + rotary,
    indexElements: hasIndexer(reader, layer) ? (reader.optional("index_head_dim") ?? 0) : 0,
    expandedElements: countHeads(reader) * headElements,
  };
}

/**
 * Return false for a layer that uses the choice of an earlier layer's indexer.
 * From huggingface/transformers src/transformers/models/glm_moe_dsa/configuration_glm_moe_dsa.py.
 */
function hasIndexer({ text, missing }: ConfigReader, layer: number): boolean {
  const { indexer_types: types, index_topk_pattern: pattern } = text;
  const own = Array.isArray(types) ? types[layer] : typeof pattern === "string" ? pattern[layer] : null;
  if (own === "full" || own === "F") return true;
  if (own === "shared" || own === "S") return false;
  if (types ?? pattern) missing.add("indexer_types");
  const every = readCount(text, "index_topk_freq") ?? 1;
  const first = readCount(text, "index_skip_topk_offset") ?? 2;
  return Math.max(layer - first + 1, 0) % every === 0;
}

/** List the elements of one head's key and value, in full layers and in sliding windows. */
export function listHeadSizes(reader: ConfigReader): number[] {
  const others = ["v_head_dim", "global_head_dim", "swa_head_dim", "swa_v_head_dim"];
  return [countHeadSize(reader), ...others.flatMap((key) => reader.optional(key) ?? [])];
}

function countFullElements(reader: ConfigReader): number {
  // google/gemma-4-31B-it: 4 heads of 512 in full layers, where keys are values, and 16 of 256 in windows.
  const heads = reader.flag("attention_k_eq_v", false) ? reader.optional("num_global_key_value_heads") : null;
  const size = reader.optional("global_head_dim") ?? countHeadSize(reader);
  return (heads ?? countKvHeads(reader)) * (size + (reader.optional("v_head_dim") ?? size));
}

function countSlidingWindowElements(reader: ConfigReader): number {
  // XiaomiMiMo/MiMo-V2-Flash: 8 heads in windows and 4 in full layers, keys of 192 and values of 128.
  const doubled = reader.isType("mimo_v2_flash") ? 2 : 1;
  const heads = reader.optional("swa_num_key_value_heads") ?? doubled * countKvHeads(reader);
  const size = reader.optional("swa_head_dim") ?? countHeadSize(reader);
  return heads * (size + (reader.optional("swa_v_head_dim", "v_head_dim") ?? size));
}
