/** Models to measure, in the words of GGUF below the architecture: the widths of real models, with few layers. */
import type { BlockType } from "../../../src/format/gguf/block-types.ts";

export interface Model {
  readonly architecture: string;
  readonly vocabulary: number;
  readonly [word: string]: string | number | boolean | readonly number[];
}

interface Sizes {
  readonly layers: number;
  readonly width: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly kvHeads: number | readonly number[];
  readonly headSize: number;
  readonly vocabulary: number;
}

export function model(
  architecture: string,
  sizes: Sizes,
  words: Readonly<Record<string, number | boolean | readonly number[]>> = {},
): Model {
  return {
    architecture,
    vocabulary: sizes.vocabulary,
    block_count: sizes.layers,
    context_length: 131_072,
    embedding_length: sizes.width,
    feed_forward_length: sizes.feedForward,
    "attention.head_count": sizes.heads,
    "attention.head_count_kv": sizes.kvHeads,
    "attention.key_length": sizes.headSize,
    "attention.value_length": sizes.headSize,
    "attention.layer_norm_rms_epsilon": 1e-6,
    "attention.layer_norm_epsilon": 1e-6,
    "rope.dimension_count": sizes.headSize,
    ...words,
  };
}

export const experts = (count: number, used: number, feedForward: number) => ({
  expert_count: count,
  expert_used_count: used,
  expert_feed_forward_length: feedForward,
});

export const ssm = (convolution: number, inner: number, state: number, rank: number, groups: number) => ({
  "ssm.conv_kernel": convolution,
  "ssm.inner_size": inner,
  "ssm.state_size": state,
  "ssm.time_step_rank": rank,
  "ssm.group_count": groups,
});

/** What all sizes of Qwen3.5 share. */
export const QWEN_3_5 = {
  full_attention_interval: 4,
  "rope.dimension_count": 64,
  "rope.dimension_sections": [11, 11, 10, 0],
};

export const MODELS = {
  "llama-3.1-8b": model("llama", {
    layers: 4,
    width: 4096,
    feedForward: 14_336,
    heads: 32,
    kvHeads: 8,
    headSize: 128,
    vocabulary: 128_256,
  }),
  "llama-160m": model("llama", {
    layers: 12,
    width: 768,
    feedForward: 3072,
    heads: 12,
    kvHeads: 12,
    headSize: 64,
    vocabulary: 32_000,
  }),
  "qwen3-0.6b": model("qwen3", {
    layers: 6,
    width: 1024,
    feedForward: 3072,
    heads: 16,
    kvHeads: 8,
    headSize: 128,
    vocabulary: 32_000,
  }),
  "qwen2.5-7b": model("qwen2", {
    layers: 4,
    width: 3584,
    feedForward: 18_944,
    heads: 28,
    kvHeads: 4,
    headSize: 128,
    vocabulary: 152_064,
  }),
  "phi-3-mini": model(
    "phi3",
    { layers: 4, width: 3072, feedForward: 8192, heads: 32, kvHeads: 32, headSize: 96, vocabulary: 32_064 },
    { "attention.sliding_window": 2047, "rope.scaling.original_context_length": 4096 },
  ),
  "gemma-2-2b": model(
    "gemma2",
    { layers: 4, width: 2304, feedForward: 9216, heads: 8, kvHeads: 4, headSize: 256, vocabulary: 256_000 },
    { "attention.sliding_window": 4096, attn_logit_softcapping: 50.5, final_logit_softcapping: 30.5 },
  ),
  "gemma-3-4b": model(
    "gemma3",
    {
      layers: 12,
      width: 2560,
      feedForward: 10_240,
      heads: 8,
      kvHeads: 4,
      headSize: 256,
      vocabulary: 262_144,
    },
    { "attention.sliding_window": 1024 },
  ),
  "gemma-3n-e2b": model(
    "gemma3n",
    { layers: 30, width: 2048, feedForward: 8192, heads: 8, kvHeads: 2, headSize: 256, vocabulary: 262_144 },
    {
      "attention.sliding_window": 512,
      "altup.num_inputs": 4,
      "altup.active_idx": 0,
      embedding_length_per_layer_input: 256,
      "attention.shared_kv_layers": 10,
    },
  ),
  "gemma-4-e2b": model(
    "gemma4",
    { layers: 10, width: 1536, feedForward: 6144, heads: 8, kvHeads: 1, headSize: 512, vocabulary: 262_144 },
    {
      "attention.sliding_window": 512,
      "attention.sliding_window_pattern": [1, 1, 1, 1, 0, 1, 1, 1, 1, 0],
      "attention.key_length_swa": 256,
      "attention.value_length_swa": 256,
      "attention.shared_kv_layers": 5,
      embedding_length_per_layer_input: 256,
      "rope.dimension_count_swa": 256,
    },
  ),
  "gpt-oss-20b": model(
    "gpt-oss",
    { layers: 4, width: 2880, feedForward: 2880, heads: 64, kvHeads: 8, headSize: 64, vocabulary: 201_088 },
    { "attention.sliding_window": 128, ...experts(32, 4, 2880) },
  ),
  "command-r7b": model(
    "cohere2",
    {
      layers: 8,
      width: 4096,
      feedForward: 14_336,
      heads: 32,
      kvHeads: 8,
      headSize: 128,
      vocabulary: 256_000,
    },
    { "attention.sliding_window": 4096, logit_scale: 0.25 },
  ),
  "llama-4-scout": model(
    "llama4",
    { layers: 4, width: 5120, feedForward: 8192, heads: 40, kvHeads: 8, headSize: 128, vocabulary: 202_048 },
    { ...experts(16, 1, 8192), interleave_moe_layer_step: 1 },
  ),
  "qwen3-30b-a3b": model(
    "qwen3moe",
    { layers: 4, width: 2048, feedForward: 6144, heads: 32, kvHeads: 4, headSize: 128, vocabulary: 151_936 },
    experts(128, 8, 768),
  ),
  "mixtral-8x7b": model(
    "llama",
    { layers: 4, width: 4096, feedForward: 14_336, heads: 32, kvHeads: 8, headSize: 128, vocabulary: 32_000 },
    { expert_count: 8, expert_used_count: 2 },
  ),
  "glm-4.5-air": model(
    "glm4moe",
    {
      layers: 5,
      width: 4096,
      feedForward: 10_944,
      heads: 96,
      kvHeads: 8,
      headSize: 128,
      vocabulary: 151_552,
    },
    {
      ...experts(128, 8, 1408),
      expert_shared_count: 1,
      leading_dense_block_count: 1,
      nextn_predict_layers: 1,
      expert_weights_scale: 1.5,
      expert_weights_norm: true,
      expert_gating_func: 2,
    },
  ),
  "deepseek-v2-lite": model(
    "deepseek2",
    {
      layers: 27,
      width: 2048,
      feedForward: 10_944,
      heads: 16,
      kvHeads: 1,
      headSize: 576,
      vocabulary: 102_400,
    },
    {
      ...experts(64, 6, 1408),
      expert_shared_count: 2,
      leading_dense_block_count: 1,
      "attention.kv_lora_rank": 512,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
      "rope.dimension_count": 64,
      expert_weights_scale: 1.5,
    },
  ),
  "deepseek-v3": model(
    "deepseek2",
    {
      layers: 4,
      width: 7168,
      feedForward: 18_432,
      heads: 128,
      kvHeads: 1,
      headSize: 576,
      vocabulary: 129_280,
    },
    {
      ...experts(256, 8, 2048),
      expert_shared_count: 1,
      leading_dense_block_count: 3,
      "attention.q_lora_rank": 1536,
      "attention.kv_lora_rank": 512,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
      "rope.dimension_count": 64,
      expert_weights_scale: 2.5,
      expert_weights_norm: true,
      expert_gating_func: 2,
    },
  ),
  "minicpm3-4b": model(
    "minicpm3",
    { layers: 4, width: 2560, feedForward: 6400, heads: 40, kvHeads: 40, headSize: 96, vocabulary: 73_448 },
    {
      "attention.q_lora_rank": 768,
      "attention.kv_lora_rank": 256,
      "attention.value_length": 64,
      "rope.dimension_count": 32,
    },
  ),
  "mamba-130m": model(
    "mamba",
    { layers: 24, width: 768, feedForward: 0, heads: 0, kvHeads: 0, headSize: 0, vocabulary: 50_280 },
    ssm(4, 1536, 16, 48, 0),
  ),
  "mamba2-2.7b": model(
    "mamba2",
    { layers: 4, width: 2560, feedForward: 0, heads: 0, kvHeads: 0, headSize: 0, vocabulary: 50_288 },
    ssm(4, 5120, 128, 80, 1),
  ),
  "jamba-mini": model(
    "jamba",
    {
      layers: 8,
      width: 4096,
      feedForward: 14_336,
      heads: 32,
      kvHeads: [0, 0, 0, 0, 8, 0, 0, 0],
      headSize: 128,
      vocabulary: 65_536,
    },
    ssm(4, 8192, 16, 256, 0),
  ),
  "lfm2-1.2b": model(
    "lfm2",
    {
      layers: 16,
      width: 2048,
      feedForward: 8192,
      heads: 32,
      kvHeads: [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0],
      headSize: 64,
      vocabulary: 65_536,
    },
    { "shortconv.l_cache": 3 },
  ),
  "qwen3-next-80b-a3b": model(
    "qwen3next",
    { layers: 8, width: 2048, feedForward: 5120, heads: 16, kvHeads: 2, headSize: 256, vocabulary: 151_936 },
    {
      ...ssm(4, 4096, 128, 32, 16),
      ...experts(512, 10, 512),
      expert_shared_feed_forward_length: 512,
      full_attention_interval: 4,
      "rope.dimension_count": 64,
    },
  ),
  "qwen3.5-27b": model(
    "qwen35",
    {
      layers: 8,
      width: 5120,
      feedForward: 17_408,
      heads: 24,
      kvHeads: 4,
      headSize: 256,
      vocabulary: 248_320,
    },
    {
      ...ssm(4, 6144, 128, 48, 16),
      ...QWEN_3_5,
    },
  ),
  "kimi-linear-48b-a3b": model(
    "kimi-linear",
    {
      layers: 4,
      width: 2304,
      feedForward: 9216,
      heads: 32,
      kvHeads: [0, 0, 0, 1],
      headSize: 576,
      vocabulary: 163_840,
    },
    {
      ...experts(256, 8, 1024),
      expert_shared_count: 1,
      leading_dense_block_count: 1,
      "kda.head_dim": 128,
      "ssm.conv_kernel": 4,
      "attention.kv_lora_rank": 512,
      "attention.value_length": 512,
      "attention.key_length_mla": 192,
      "attention.value_length_mla": 128,
      "rope.dimension_count": 64,
      expert_weights_scale: 2.5,
      expert_gating_func: 2,
    },
  ),
  "minimax-m2": model(
    "minimax-m2",
    { layers: 4, width: 3072, feedForward: 1536, heads: 48, kvHeads: 8, headSize: 128, vocabulary: 200_064 },
    { ...experts(256, 8, 1536), expert_gating_func: 2, "rope.dimension_count": 64 },
  ),
  "ernie-4.5-21b-a3b": model(
    "ernie4_5-moe",
    {
      layers: 4,
      width: 2560,
      feedForward: 12_288,
      heads: 20,
      kvHeads: 4,
      headSize: 128,
      vocabulary: 103_424,
    },
    {
      ...experts(64, 6, 1536),
      expert_shared_count: 2,
      expert_shared_feed_forward_length: 3072,
      leading_dense_block_count: 1,
      interleave_moe_layer_step: 1,
    },
  ),
  "llama-nemotron-49b": model(
    "deci",
    {
      layers: 4,
      width: 8192,
      feedForward: 28_672,
      heads: 64,
      kvHeads: [8, 0, 8, 0],
      headSize: 128,
      vocabulary: 128_256,
    },
    { "attention.head_count": [64, 0, 64, 0], feed_forward_length: [28_672, 28_672, 14_336, 14_336] },
  ),
  "openelm-270m": model(
    "openelm",
    {
      layers: 4,
      width: 1280,
      feedForward: 768,
      heads: 12,
      kvHeads: [3, 3, 4, 5],
      headSize: 64,
      vocabulary: 32_000,
    },
    { "attention.head_count": [12, 12, 16, 20], feed_forward_length: [768, 1024, 2048, 4096] },
  ),
  gpt2: model(
    "gpt2",
    { layers: 12, width: 768, feedForward: 3072, heads: 12, kvHeads: 12, headSize: 64, vocabulary: 50_257 },
    { context_length: 32_768 },
  ),
  "falcon-7b": model("falcon", {
    layers: 4,
    width: 4544,
    feedForward: 18_176,
    heads: 71,
    kvHeads: 1,
    headSize: 64,
    vocabulary: 65_024,
  }),
  "rwkv7-1.5b": model(
    "rwkv7",
    { layers: 4, width: 2048, feedForward: 8192, heads: 0, kvHeads: 0, headSize: 0, vocabulary: 65_536 },
    {
      "wkv.head_size": 64,
      "attention.decay_lora_rank": 96,
      "attention.iclr_lora_rank": 96,
      "attention.value_residual_mix_lora_rank": 64,
      "attention.gate_lora_rank": 256,
    },
  ),
} satisfies Record<string, Model>;

export const inLayers = (layers: readonly number[], ...leaves: readonly string[]): string[] =>
  layers.flatMap((layer) => leaves.map((leaf) => `blk.${layer}.${leaf}`));

/** Tensors that llama.cpp reads if they are there, and needs all the same. */
export const OPTIONAL_TENSORS: Readonly<Record<string, readonly string[]>> = {
  "phi-3-mini": inLayers([0, 1, 2, 3], "attn_qkv.weight"),
  "mixtral-8x7b": inLayers([0, 1, 2, 3], "ffn_gate_exps.weight"),
  "gemma-4-e2b": inLayers([0, 1, 2, 3, 4], "attn_v.weight"),
  "glm-4.5-air": inLayers([0], "attn_norm.weight"),
  "ernie-4.5-21b-a3b": inLayers([1, 2, 3], "ffn_gate_exps.weight"),
  "kimi-linear-48b-a3b": inLayers(
    [1, 2, 3],
    "ffn_gate_shexp.weight",
    "ffn_up_shexp.weight",
    "ffn_down_shexp.weight",
  ),
  "qwen3-next-80b-a3b": inLayers([0, 1, 2, 4, 5, 6], "attn_qkv.weight", "attn_gate.weight"),
  "qwen3.5-27b": inLayers([0, 1, 2, 4, 5, 6], "attn_qkv.weight", "attn_gate.weight"),
};

export interface Run {
  readonly context: number;
  readonly ubatch: number;
  readonly sequences: number;
  readonly kvType: BlockType;
  readonly flashAttention: boolean;
}

const PLAIN: Run = { context: 4096, ubatch: 512, sequences: 1, kvType: "F16", flashAttention: true };

export const RUNS: readonly Run[] = [
  PLAIN,
  { ...PLAIN, context: 1000 },
  { ...PLAIN, context: 32_768 },
  { ...PLAIN, context: 131_072 },
  { ...PLAIN, context: 32_768, ubatch: 2048 },
  { ...PLAIN, ubatch: 128 },
  { ...PLAIN, context: 16_384, sequences: 4 },
  { ...PLAIN, context: 32_768, kvType: "Q8_0" },
  { ...PLAIN, context: 131_072, kvType: "Q4_0" },
  { ...PLAIN, flashAttention: false },
  { ...PLAIN, context: 32_768, flashAttention: false },
  { ...PLAIN, context: 32_768, kvType: "Q8_0", flashAttention: false },
];
