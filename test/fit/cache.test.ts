import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CACHE_DTYPES,
  computeBytesPerToken,
  computeCacheBytes,
  computeMaxContext,
  type CacheRequest,
} from "../../src/fit/cache.ts";
import type { CacheLayer } from "../../src/fit/layers.ts";
import type { JsonObject } from "../../src/model/config.ts";
import { layersOf, PUBLISHED } from "./known-caches.ts";

const GIB = 2 ** 30;

const latent = {
  kv_lora_rank: 512,
  qk_rope_head_dim: 64,
  qk_nope_head_dim: 128,
  v_head_dim: 128,
  num_attention_heads: 64,
};
const kimi = {
  model_type: "kimi_k25",
  text_config: {
    model_type: "kimi_k2",
    architectures: ["DeepseekV3ForCausalLM"],
    num_hidden_layers: 61,
    ...latent,
  },
};
const glm47flash = { model_type: "glm4_moe_lite", num_hidden_layers: 47, ...latent };
const gptOss120b = {
  model_type: "gpt_oss",
  num_hidden_layers: 36,
  head_dim: 64,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  sliding_window: 128,
};
const minimaxM2 = { model_type: "minimax_m2", num_hidden_layers: 62, head_dim: 128, num_key_value_heads: 8 };
const llama70b = "meta-llama/Llama-3.1-70B-Instruct";

// What engines and other calculators have published.
test.each<[string, string | JsonObject, CacheRequest, number]>([
  ["compressed vectors at the full context", "deepseek-ai/DeepSeek-V3", { tokens: 163_840 }, 11_513_364_480],
  ["unslothai/unsloth#4757", "google/gemma-3-27b-it", { tokens: 131_072 }, 10 * GIB + 436_207_616],
  ["unslothai/unsloth#4757", "Qwen/Qwen3-0.6B", { tokens: 40_960 }, 4.375 * GIB],
  ["unslothai/unsloth#4757", kimi, { tokens: 262_144 }, 18_421_383_168],
  ["lmstudio-ai/lmstudio-bug-tracker#1862", "Qwen/Qwen3.5-27B", { tokens: 262_144 }, 16 * GIB + 154_927_104],
  ["a window in 50 layers of 60", "google/gemma-4-31B-it", { tokens: 262_144 }, 22_313_697_280],
  [
    "alvarobartt/hf-mem, as vLLM reserves",
    "openai/gpt-oss-20b",
    { tokens: 8192, batch: 32, layout: "full" },
    12 * GIB,
  ],
  ["alvarobartt/hf-mem, capped", "openai/gpt-oss-20b", { tokens: 8192, batch: 32 }, 6.09375 * GIB],
  [
    "alvarobartt/hf-mem, with an fp8 cache",
    minimaxM2,
    { tokens: 196_608, cacheDtype: "fp8" },
    24_964_497_408,
  ],
  [
    "ggml-org/llama.cpp, K and V of 128 MiB each",
    "meta-llama/Meta-Llama-3-8B",
    { tokens: 2048 },
    256 * 2 ** 20,
  ],
  ["a state alone", "state-spaces/mamba-130m-hf", { tokens: 1_000_000 }, 2_654_208],
])("%s: %j", (_source, model, request, bytes) => {
  expect(computeCacheBytes(layersOf(model), request)).toBe(bytes);
});

test.each<[string, string | JsonObject, CacheRequest, number]>([
  ["vLLM", gptOss120b, { tokens: 8192, layout: "full" }, 73_728],
  ["once the windows are full", "openai/gpt-oss-20b", { tokens: 8192 }, 24_576],
  ["every token in every layer", "google/gemma-4-31B-it", { tokens: 8192, layout: "full" }, 901_120],
  ["once the windows are full", "google/gemma-4-31B-it", { tokens: 8192 }, 81_920],
  ["one latent vector a layer", glm47flash, { tokens: 8192 }, 54_144],
  [
    "128 heads, each with its own",
    "deepseek-ai/DeepSeek-V3",
    { tokens: 0, layout: "full" },
    61 * 128 * (192 + 128) * 2,
  ],
  ["attention in a quarter of the layers", "Qwen/Qwen3.5-27B", { tokens: 0 }, 65_536],
  ["a state alone", "state-spaces/mamba-130m-hf", { tokens: 8192 }, 0],
  ["nothing", "google-bert/bert-base-uncased", { tokens: 512 }, 0],
])("bytes a token, %s: %j", (_what, model, request, bytes) => {
  expect(computeBytesPerToken(layersOf(model), request)).toBe(bytes);
});

test("zai-org/GLM-5.2: 89,856 bytes a token of latent vectors, and an indexer's keys beside them", () => {
  const layers = layersOf({
    model_type: "glm_moe_dsa",
    num_hidden_layers: 78,
    ...latent,
    index_head_dim: 128,
  });
  const vectors = layers.map((layer) => (layer.kind === "latent" ? { ...layer, indexElements: 0 } : layer));
  expect(computeBytesPerToken(vectors, { tokens: 0 })).toBe(89_856);
  expect(computeBytesPerToken(layers, { tokens: 0 })).toBe(89_856 + 78 * 128 * 2);
});

test("RWKV/rwkv-4-169m-pile and google/recurrentgemma-2b keep what their states need", () => {
  const rwkv = layersOf({
    model_type: "rwkv",
    num_hidden_layers: 12,
    hidden_size: 768,
    attention_hidden_size: 768,
  });
  expect(computeCacheBytes(rwkv, { tokens: 1024 })).toBe(12 * (2 * 768 * 2 + 3 * 768 * 4));
  const griffin = layersOf({
    model_type: "recurrent_gemma",
    num_hidden_layers: 26,
    hidden_size: 2560,
    lru_width: 2560,
    conv1d_width: 4,
    num_attention_heads: 10,
    num_key_value_heads: 1,
    head_dim: 256,
    attention_window_size: 2048,
  });
  const states = 18 * (2560 * 3 * 2 + 2560 * 4);
  expect(computeCacheBytes(griffin, { tokens: 8192 })).toBe(states + 8 * 2048 * 2 * 256 * 2);
});

const full: CacheLayer = { kind: "full", elements: 2048 };

test.each([
  ["bf16", 4096],
  ["fp16", 4096],
  ["fp32", 8192],
  ["fp8", 2048],
  ["q8_0", 2176],
  ["q5_1", 1536],
  ["q5_0", 1408],
  ["q4_1", 1280],
  ["q4_0", 1152],
  ["iq4_nl", 1152],
] as const)("%s: 2,048 elements are %i bytes", (cacheDtype, bytes) => {
  expect(computeCacheBytes([full], { tokens: 1, cacheDtype })).toBe(bytes);
});

test("a row shorter than a block takes a whole one", () => {
  expect(computeCacheBytes([{ kind: "full", elements: 33 }], { tokens: 3, cacheDtype: "q4_0" })).toBe(
    3 * 2 * 18,
  );
});

test("a quantized cache leaves states as they are, a 32-bit one widens them", () => {
  const state: CacheLayer = { kind: "state", halfElements: 100, floatElements: 10 };
  const bytes = CACHE_DTYPES.map((cacheDtype) => computeCacheBytes([state], { tokens: 1, cacheDtype }));
  expect(bytes).toEqual([240, 240, 440, 240, 240, 240, 240, 240, 240, 240]);
});

test("an engine reserves the whole window, transformers one token less and a counter", () => {
  const window: CacheLayer = { kind: "window", elements: 8, windowTokens: 4 };
  const bytes = (tokens: number, windowTokens: "engine" | "transformers"): number =>
    computeCacheBytes([window], { tokens, windowTokens });
  expect([3, 4, 5].map((tokens) => bytes(tokens, "engine"))).toEqual([48, 64, 64]);
  expect([2, 3, 4].map((tokens) => bytes(tokens, "transformers"))).toEqual([40, 56, 56]);
});

test("an encoder's positions are the prompt's, those asked for, or those it always has", () => {
  const cross = (encoderTokens: number | null): CacheLayer => ({ kind: "cross", elements: 8, encoderTokens });
  expect(computeCacheBytes([cross(null)], { tokens: 5 })).toBe(80);
  expect(computeCacheBytes([cross(null)], { tokens: 5, encoderTokens: 10 })).toBe(160);
  expect(computeCacheBytes([cross(1500)], { tokens: 5, encoderTokens: 10 })).toBe(24_000);
});

test("a size beyond 2^53 is refused, not rounded", () => {
  expect(() => computeCacheBytes([full], { tokens: 2 ** 45 })).toThrow(RangeError);
  expect(() => computeCacheBytes([full], { tokens: 0.5 / 4096 })).toThrow(RangeError);
});

test.each([
  ["exactly one token more", 327_680 * 1000, 1000],
  ["one byte short of it", 327_680 * 1000 - 1, 999],
  ["more than the model has context for", 2 ** 52, 131_072],
  ["not even one token", 327_679, 0],
  ["no memory left", -5, 0],
])("the longest context with %s", (_what, memoryBytes, tokens) => {
  expect(computeMaxContext(layersOf(llama70b), memoryBytes, 131_072)).toBe(tokens);
});

test("a model without a growing cache has no longest context but its own, or none where its state does not fit", () => {
  const mamba = layersOf("state-spaces/mamba-130m-hf");
  expect(computeMaxContext(mamba, 2_654_208, 2 ** 40)).toBe(2 ** 40);
  expect(computeMaxContext(mamba, 2_654_207, 2 ** 40)).toBe(0);
});

test("the longest context fits and the next token does not; longer is never smaller; a full layout never smaller", () => {
  const models = [...new Set(PUBLISHED.map(({ id }) => id))].map((id) => layersOf(id));
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      fc.integer({ min: 0, max: 2 ** 40 }),
      fc.constantFrom(...CACHE_DTYPES),
      fc.integer({ min: 1, max: 8 }),
      (layers, memoryBytes, cacheDtype, batch) => {
        const maxTokens = 1_000_000;
        const bytes = (tokens: number): number => computeCacheBytes(layers, { tokens, cacheDtype, batch });
        const longest = computeMaxContext(layers, memoryBytes, maxTokens, { cacheDtype, batch });
        if (longest > 0) expect(bytes(longest)).toBeLessThanOrEqual(memoryBytes);
        if (longest < maxTokens) expect(bytes(longest + 1)).toBeGreaterThan(memoryBytes);
        expect(bytes(longest)).toBeLessThanOrEqual(bytes(longest + 1));
        expect(
          computeCacheBytes(layers, { tokens: longest, cacheDtype, batch, layout: "full" }),
        ).toBeGreaterThanOrEqual(bytes(longest));
      },
    ),
  );
});
