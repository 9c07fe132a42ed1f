import type { JsonObject } from "../format/config.ts";

/**
 * What a language model's part of config.json leaves out because it equals the default of its configuration class:
 * google/gemma-3-4b-it writes neither its heads nor their size, llava-hf/llava-1.5-7b-hf nothing at all.
 * From huggingface/transformers v5.18.0, src/transformers/models/<type>/configuration_<type>.py.
 */
export const TEXT_DEFAULTS: ReadonlyMap<string, JsonObject> = new Map([
  //                     layers hidden heads kv heads head size
  ["aria", sizes(32, 4096, 32)],
  ["cohere", sizes(40, 8192, 64)],
  ["cohere2", { ...sizes(40, 8192, 64), sliding_window: 4096 }],
  ["deepseek_v2", { ...sizes(32, 4096, 32), ...latent(512, 64, 128, 128) }],
  ["deepseek_v3", { ...sizes(61, 7168, 128), ...latent(512, 64, 128, 128) }],
  ["gemma", sizes(28, 3072, 16, 16, 256)],
  ["gemma2", { ...sizes(26, 2304, 8, 4, 256), sliding_window: 4096 }],
  ["gemma3", { ...sizes(26, 2304, 8, 4, 256), sliding_window: 4096 }],
  ["gemma3n", { ...sizes(35, 2048, 8, 2, 256), sliding_window: 512, num_kv_shared_layers: 15 }],
  ["gemma4", { ...sizes(30, 2304, 8, 4, 256), global_head_dim: 512, sliding_window: 512 }],
  ["glm4v", sizes(40, 4096, 32, 2)],
  ["glm4v_moe", sizes(46, 4096, 96, 8)],
  ["granite", sizes(32, 4096, 32)],
  ["llama", sizes(32, 4096, 32)],
  ["llama4", { ...sizes(48, 5120, 40, 8, 128), attention_chunk_size: 8192 }],
  ["ministral3", sizes(34, 4096, 32, 8, 128)],
  ["mistral", { ...sizes(32, 4096, 32, 8), sliding_window: 4096 }],
  ["mixtral", sizes(32, 4096, 32, 8)],
  ["mllama", { ...sizes(40, 4096, 32, 8), cross_attention_layers: [3, 8, 13, 18, 23, 28, 33, 38] }],
  ["opt", sizes(12, 768, 12)],
  ["persimmon", sizes(36, 4096, 64)],
  ["phi", sizes(24, 2048, 32)],
  ["phi3", sizes(32, 3072, 32)],
  ["qwen2", { ...sizes(32, 4096, 32, 32), max_window_layers: 28 }],
  ["qwen2_5_vl", { ...sizes(80, 8192, 64, 8), max_window_layers: 80 }],
  ["qwen2_vl", { ...sizes(80, 8192, 64, 8), max_window_layers: 80 }],
  ["qwen3", { ...sizes(32, 4096, 32, 32, 128), max_window_layers: 28 }],
  ["qwen3_5", sizes(32, 4096, 16, 4, 256)],
  ["qwen3_5_moe", sizes(40, 2048, 16, 2, 256)],
  ["qwen3_moe", sizes(24, 2048, 32, 4)],
  ["qwen3_vl", sizes(32, 4096, 32, 32, 128)],
  ["qwen3_vl_moe", sizes(24, 2048, 16, 16, 128)],
  ["smollm3", sizes(36, 2048, 16, 4)],

  // What would be read as another number where a config leaves it out.
  //        kv heads, head size
  ["bitnet", keyValues(5)],
  ["cwm", keyValues(8)],
  ["ernie4_5", keyValues(2, 128)],
  ["ernie4_5_moe", keyValues(4)],
  ["falcon_h1", keyValues(8)],
  ["gemma4_unified", { ...keyValues(4, 256), global_head_dim: 512 }],
  ["glm", keyValues(2)],
  ["glm4", keyValues(2)],
  ["gpt_oss", keyValues(8, 64)],
  ["granite_swa", keyValues(4)],
  ["hy_v3", keyValues(8, 128)],
  ["jamba", keyValues(8)],
  ["jetmoe", { num_key_value_heads: 16, kv_channels: 128 }],
  ["laguna", keyValues(8)],
  ["lfm2", keyValues(8)],
  ["mellum", keyValues(4, 128)],
  ["mimo_v2_flash", { ...keyValues(4, 192), v_head_dim: 128 }],
  ["minimax", keyValues(8)],
  ["minimax_m2", keyValues(8, 128)],
  ["nemotron_h", keyValues(8)],
  ["phi4_multimodal", keyValues(8)],
  ["phimoe", keyValues(8)],
  ["qwen3_next", keyValues(2, 256)],
  ["seed_oss", keyValues(8)],
  ["solar_open", keyValues(8, 128)],
  ["starcoder2", keyValues(2)],
  ["vaultgemma", keyValues(4, 256)],
  ["zamba2", { attention_head_dim: 160 }],
  ["axk1", latent(512, 64, 128, 128)],
  ["kimi_linear", latent(512, 64, 128, 128)],
  ["minicpm3", latent(256, 32, 64, 64)],
  ["youtu", latent(512, 64, 128, 128)],
  ["axk2", { index_head_dim: 128 }],
  ["deepseek_v32", { index_head_dim: 128 }],
  ["glm_moe_dsa", { index_head_dim: 128 }],
  ["hy_v4", { index_head_dim: 128, index_topk_freq: 4 }],
]);

function keyValues(keyValueHeads: number, headSize?: number): JsonObject {
  return { num_key_value_heads: keyValueHeads, ...(headSize && { head_dim: headSize }) };
}

function latent(rank: number, rotary: number, plain: number, value: number): JsonObject {
  return { kv_lora_rank: rank, qk_rope_head_dim: rotary, qk_nope_head_dim: plain, v_head_dim: value };
}

function sizes(
  layers: number,
  hidden: number,
  heads: number,
  keyValueHeads?: number,
  headSize?: number,
): JsonObject {
  return {
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    ...(keyValueHeads && { num_key_value_heads: keyValueHeads }),
    ...(headSize && { head_dim: headSize }),
  };
}
