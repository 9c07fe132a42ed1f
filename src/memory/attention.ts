import { readCount } from "../format/config.ts";
import { factsOfPart, type Facts } from "./facts.ts";
import { countHeads, countHeadSize, countKeyValueHeads } from "./heads.ts";
import type { CacheLayer } from "./layers.ts";

/** What one layer of attention keeps of each token: a key and a value of every key-value head. */
export function describeAttention(facts: Facts, layer: number): CacheLayer {
  return describeLatent(facts, layer) ?? { kind: "full", elements: countFullElements(facts) };
}

/** The same of the last tokens alone. */
export function describeWindow(facts: Facts): CacheLayer {
  return {
    kind: "window",
    elements: countWindowElements(facts),
    windowTokens: facts.count("sliding_window", "attention_chunk_size", "attention_window_size"),
  };
}

/** What attention to an encoder's output keeps of each of its tokens. */
export function describeCrossAttention(facts: Facts): CacheLayer {
  // The encoder of openai/whisper-tiny always gives 1,500 positions, for 30 seconds.
  const encoderTokens = facts.modelType === "whisper" ? facts.count("max_source_positions") : null;
  return { kind: "cross", elements: countFullElements(facts), encoderTokens };
}

/** The same for the patches of one image of the largest size: 4 tiles in meta-llama/Llama-3.2-11B-Vision. */
export function describeImageAttention(facts: Facts): CacheLayer {
  const vision = factsOfPart(facts, facts.vision);
  const patchesPerTile = (vision.count("image_size") / vision.count("patch_size")) ** 2 + 1;
  return {
    kind: "cross",
    elements: countFullElements(facts),
    encoderTokens: patchesPerTile * vision.count("max_num_tiles"),
  };
}

/**
 * Multi-head latent attention keeps one compressed vector and one rotary key a token, whatever the heads: 512 + 64
 * elements in deepseek-ai/DeepSeek-V3. Sparse attention adds a key for the indexer that picks tokens: zai-org/GLM-5.
 * From huggingface/transformers src/transformers/models/deepseek_v32/modeling_deepseek_v32.py.
 */
function describeLatent(facts: Facts, layer: number): CacheLayer | null {
  const compressed = facts.flag("use_mla", true) ? facts.optional("kv_lora_rank") : null;
  if (compressed === null) return null;
  const rotary = facts.count("qk_rope_head_dim");
  const headElements = facts.count("qk_nope_head_dim") + rotary + facts.count("v_head_dim");
  return {
    kind: "latent",
    elements: compressed + rotary,
    indexElements: hasIndexer(facts, layer) ? (facts.optional("index_head_dim") ?? 0) : 0,
    expandedElements: countHeads(facts) * headElements,
  };
}

/**
 * False for a layer that uses the choice of an earlier layer's indexer.
 * From huggingface/transformers src/transformers/models/glm_moe_dsa/configuration_glm_moe_dsa.py.
 */
function hasIndexer({ text, missing }: Facts, layer: number): boolean {
  const { indexer_types: types, index_topk_pattern: pattern } = text;
  const own = Array.isArray(types) ? types[layer] : typeof pattern === "string" ? pattern[layer] : null;
  if (own === "full" || own === "F") return true;
  if (own === "shared" || own === "S") return false;
  if (types ?? pattern) missing.add("indexer_types");
  const every = readCount(text, "index_topk_freq") ?? 1;
  const first = readCount(text, "index_skip_topk_offset") ?? 2;
  return Math.max(layer - first + 1, 0) % every === 0;
}

/** Elements of one head's key and value, in full layers and in windows. */
export function listHeadSizes(facts: Facts): number[] {
  const others = ["v_head_dim", "global_head_dim", "swa_head_dim", "swa_v_head_dim"];
  return [countHeadSize(facts), ...others.flatMap((key) => facts.optional(key) ?? [])];
}

function countFullElements(facts: Facts): number {
  // google/gemma-4-31B-it: 4 heads of 512 in full layers, where keys are values, and 16 of 256 in windows.
  const heads = facts.flag("attention_k_eq_v", false) ? facts.optional("num_global_key_value_heads") : null;
  const size = facts.optional("global_head_dim") ?? countHeadSize(facts);
  return (heads ?? countKeyValueHeads(facts)) * (size + (facts.optional("v_head_dim") ?? size));
}

function countWindowElements(facts: Facts): number {
  // XiaomiMiMo/MiMo-V2-Flash: 8 heads in windows and 4 in full layers, keys of 192 and values of 128.
  const doubled = facts.modelType === "mimo_v2_flash" ? 2 : 1;
  const heads = facts.optional("swa_num_key_value_heads") ?? doubled * countKeyValueHeads(facts);
  const size = facts.optional("swa_head_dim") ?? countHeadSize(facts);
  return heads * (size + (facts.optional("swa_v_head_dim", "v_head_dim") ?? size));
}
