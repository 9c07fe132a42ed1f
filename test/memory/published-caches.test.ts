/** What engines and other calculators have published, one line each, and where a figure is not ours, why. */
import { expect, test } from "vitest";
import {
  computeKvCacheBytesPerToken,
  computeKvCacheBytes,
  type KvCacheRequest,
  type KvCacheLayer,
} from "../../src/memory/kv-cache.ts";
import type { JsonObject } from "../../src/format/config.ts";
import { layersOf } from "./known-caches.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const latent = { kv_lora_rank: 512, qk_rope_head_dim: 64, num_attention_heads: 64 };
const kimi = {
  model_type: "kimi_k25",
  text_config: {
    model_type: "kimi_k2",
    architectures: ["DeepseekV3ForCausalLM"],
    num_hidden_layers: 61,
    qk_nope_head_dim: 128,
    v_head_dim: 128,
    ...latent,
  },
};
const glm47flash = {
  model_type: "glm4_moe_lite",
  num_hidden_layers: 47,
  qk_nope_head_dim: 192,
  v_head_dim: 256,
  ...latent,
};
const glm52 = {
  model_type: "glm_moe_dsa",
  num_hidden_layers: 78,
  qk_nope_head_dim: 192,
  v_head_dim: 256,
  index_head_dim: 128,
  index_topk_freq: 4,
  index_skip_topk_offset: 3,
  ...latent,
};
const gptOss120b = {
  model_type: "gpt_oss",
  num_hidden_layers: 36,
  head_dim: 64,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  sliding_window: 128,
};
const minimaxM2 = { model_type: "minimax_m2", num_hidden_layers: 62, head_dim: 128, num_key_value_heads: 8 };

const whole: KvCacheRequest = { tokens: 8192, layout: "full" };

test.each<[string, string | JsonObject, KvCacheRequest, number]>([
  ["fitllm", "deepseek-ai/DeepSeek-V3", { tokens: 163_840 }, 11_513_364_480],
  ["unslothai/unsloth#4757", "google/gemma-3-27b-it", { tokens: 131_072 }, 10 * GIB + 416 * MIB],
  ["unslothai/unsloth#4757", "Qwen/Qwen3-0.6B", { tokens: 40_960 }, 4.375 * GIB],
  ["unslothai/unsloth#4757", kimi, { tokens: 262_144 }, 18_421_383_168],
  ["lmstudio-ai/lmstudio-bug-tracker#1862", "Qwen/Qwen3.5-27B", { tokens: 262_144 }, 16 * GIB + 154_927_104],
  ["alvarobartt/hf-mem#61", "google/gemma-4-31B-it", { tokens: 262_144 }, 22_313_697_280],
  ["alvarobartt/hf-mem, whole", "openai/gpt-oss-20b", { ...whole, batch: 32 }, 12 * GIB],
  ["alvarobartt/hf-mem, capped", "openai/gpt-oss-20b", { tokens: 8192, batch: 32 }, 6.09375 * GIB],
  ["alvarobartt/hf-mem", minimaxM2, { tokens: 196_608, kvDtype: "fp8" }, 24_964_497_408],
  ["llama.cpp prints K and V", "meta-llama/Meta-Llama-3-8B", { tokens: 2048 }, 2 * 128 * MIB],
  ["a state alone", "state-spaces/mamba-130m-hf", { tokens: 1_000_000 }, 2_654_208],
])("%s: %j", (_source, model, request, bytes) => {
  expect(computeKvCacheBytes(layersOf(model), request)).toBe(bytes);
});

test.each<[string, string | JsonObject, KvCacheRequest, number]>([
  ["vLLM, alvarobartt/hf-mem#60", gptOss120b, whole, 73_728],
  ["fitllm, once the windows are full", "openai/gpt-oss-20b", { tokens: 8192 }, 24_576],
  ["every token in every layer", "google/gemma-4-31B-it", whole, 901_120],
  ["once the windows are full", "google/gemma-4-31B-it", { tokens: 8192 }, 81_920],
  ["one latent vector a layer", glm47flash, { tokens: 8192 }, 54_144],
  ["expanded: 128 heads", "deepseek-ai/DeepSeek-V3", { tokens: 0, layout: "full" }, 61 * 128 * 320 * 2],
  ["attention in a quarter of the layers", "Qwen/Qwen3.5-27B", { tokens: 0 }, 65_536],
  ["a state alone", "state-spaces/mamba-130m-hf", { tokens: 8192 }, 0],
  ["nothing", "google-bert/bert-base-uncased", { tokens: 512 }, 0],
])("bytes a token, %s: %j", (_what, model, request, bytes) => {
  expect(computeKvCacheBytesPerToken(layersOf(model), request)).toBe(bytes);
});

/** Bytes of one token in 16 bits, whole or compressed. */
const tokenBytes = (layers: readonly KvCacheLayer[]): number => computeKvCacheBytesPerToken(layers, whole);
const tokenBytesCompressed = (layers: readonly KvCacheLayer[]): number =>
  computeKvCacheBytesPerToken(layers, { tokens: 0 });

// alvarobartt/hf-mem#61, after 24.54 GiB and 26,800 tokens in vLLM's log: until 0.21 (vllm-project/vllm#43308) it
// divided its blocks by the groups of layers and took the smallest block for all, so that every layer counts as the widest.
test("google/gemma-4-31B: 983,040 bytes a token is the widest layer times 60", () => {
  const layers = layersOf("google/gemma-4-31B-it");
  expect(layers.length * Math.max(...layers.map((layer) => tokenBytes([layer])))).toBe(983_040);
});

// The published figure leaves the indexers out. 21 of 78 layers have one (ROCm/ATOM#2142), and their keys in 16 bits
// take 672 MiB for 131,072 tokens (ikawrakow/ik_llama.cpp#2093).
test("zai-org/GLM-5.2: 89,856 bytes a token of latent vectors, and the keys of 21 indexers", () => {
  const bytes = tokenBytesCompressed(layersOf(glm52));
  expect(tokenBytesCompressed(layersOf({ ...glm52, index_head_dim: 0 }))).toBe(89_856);
  expect((bytes - 89_856) * 131_072).toBe(672 * MIB);
});

// unslothai/unsloth#4757, 17.18: with the layer for multi-token prediction, which a GGUF file counts, without indexers.
test("zai-org/GLM-5: 17.18 GiB is that of 79 layers", () => {
  const layers = layersOf({ ...glm52, index_head_dim: 0, num_hidden_layers: 79 });
  expect((computeKvCacheBytes(layers, { tokens: 202_752 }) / GIB).toFixed(2)).toBe("17.18");
});

// transformers keeps the last 4 inputs of a convolution in 16 bits, llama.cpp the last 3 in 32.
test("lmstudio-ai/lmstudio-bug-tracker#1862: 598.5 MiB of states for 4 sequences, as llama.cpp keeps them", () => {
  const bytes = layersOf("Qwen/Qwen3.5-27B").reduce(
    (sum, layer) =>
      layer.kind === "ssm" ? sum + (layer.halfElements * 3 * 4) / 4 + layer.floatElements * 4 : sum,
    0,
  );
  expect(4 * bytes).toBe(598.5 * MIB);
});
