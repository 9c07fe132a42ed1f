import { expect, test } from "vitest";
import { computeKvCacheBytes } from "../../src/memory/kv-cache.ts";
import { KINDS, layersOf } from "./known-caches.ts";

// What huggingface/transformers 5.18 fills in where a config leaves it out: src/transformers/models/<type>/configuration_<type>.py.
test.each([
  ["axk1", "kv_lora_rank", 512],
  ["axk2", "index_head_dim", 128],
  ["bitnet", "num_key_value_heads", 5],
  ["cwm", "num_key_value_heads", 8],
  ["deepseek_v32", "index_head_dim", 128],
  ["ernie4_5", "head_dim", 128],
  ["ernie4_5", "num_key_value_heads", 2],
  ["ernie4_5_moe", "num_key_value_heads", 4],
  ["falcon_h1", "num_key_value_heads", 8],
  ["gemma4_unified_text", "head_dim", 256],
  ["gemma4_unified_text", "num_key_value_heads", 4],
  ["glm", "num_key_value_heads", 2],
  ["glm4", "num_key_value_heads", 2],
  ["glm_moe_dsa", "index_head_dim", 128],
  ["gpt_oss", "head_dim", 64],
  ["gpt_oss", "num_key_value_heads", 8],
  ["granite_swa", "num_key_value_heads", 4],
  ["hy_v3", "head_dim", 128],
  ["hy_v3", "num_key_value_heads", 8],
  ["hy_v4", "index_head_dim", 128],
  ["jamba", "num_key_value_heads", 8],
  ["jetmoe", "kv_channels", 128],
  ["jetmoe", "num_key_value_heads", 16],
  ["kimi_linear", "kv_lora_rank", 512],
  ["laguna", "num_key_value_heads", 8],
  ["lfm2", "num_key_value_heads", 8],
  ["mellum", "head_dim", 128],
  ["mellum", "num_key_value_heads", 4],
  ["mimo_v2_flash", "head_dim", 192],
  ["mimo_v2_flash", "num_key_value_heads", 4],
  ["mimo_v2_flash", "v_head_dim", 128],
  ["minicpm3", "kv_lora_rank", 256],
  ["minimax", "num_key_value_heads", 8],
  ["minimax_m2", "head_dim", 128],
  ["minimax_m2", "num_key_value_heads", 8],
  ["nemotron_h", "num_key_value_heads", 8],
  ["phi4_multimodal", "num_key_value_heads", 8],
  ["phimoe", "num_key_value_heads", 8],
  ["qwen3_next", "head_dim", 256],
  ["qwen3_next", "num_key_value_heads", 2],
  ["seed_oss", "num_key_value_heads", 8],
  ["solar_open", "head_dim", 128],
  ["solar_open", "num_key_value_heads", 8],
  ["starcoder2", "num_key_value_heads", 2],
  ["vaultgemma", "head_dim", 256],
  ["vaultgemma", "num_key_value_heads", 4],
  ["youtu", "kv_lora_rank", 512],
  ["zamba2", "attention_head_dim", 160],
])("%s without %s has %i", (modelType, key, value) => {
  const kind = KINDS.find((candidate) => candidate.modelType === modelType);
  expect(kind?.config).toHaveProperty(key);
  const { [key]: _, ...without } = kind?.config ?? {};
  const bytes = (config: typeof without): number => computeKvCacheBytes(layersOf(config), { tokens: 1000 });
  expect(bytes(without)).toBe(bytes({ ...without, [key]: value }));
});
