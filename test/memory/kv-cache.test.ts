import fc from "fast-check";
import { expect, test } from "vitest";
import { computeKvCacheBytes, computeMaxContext, type KvCacheLayer } from "../../src/memory/kv-cache.ts";
import { KV_DTYPES } from "../../src/contract/terms.ts";
import { layersOf, PUBLISHED } from "./known-caches.ts";

test("RWKV/rwkv-4-169m-pile and google/recurrentgemma-2b keep what their states need", () => {
  const rwkv = layersOf({
    model_type: "rwkv",
    num_hidden_layers: 12,
    hidden_size: 768,
    attention_hidden_size: 768,
  });
  expect(computeKvCacheBytes(rwkv, { tokens: 1024 })).toBe(12 * (2 * 768 * 2 + 3 * 768 * 4));
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
  expect(computeKvCacheBytes(griffin, { tokens: 8192 })).toBe(states + 8 * 2048 * 2 * 256 * 2);
});

const full: KvCacheLayer = { kind: "full", elements: 2048 };

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
] as const)("%s: 2,048 elements are %i bytes", (kvDtype, bytes) => {
  expect(computeKvCacheBytes([full], { tokens: 1, kvDtype })).toBe(bytes);
});

test("a row shorter than a block takes a whole one", () => {
  expect(computeKvCacheBytes([{ kind: "full", elements: 33 }], { tokens: 3, kvDtype: "q4_0" })).toBe(
    3 * 2 * 18,
  );
});

test("a quantized cache leaves states as they are, a 32-bit one widens them", () => {
  const state: KvCacheLayer = { kind: "ssm", halfElements: 100, floatElements: 10 };
  const bytes = KV_DTYPES.map((kvDtype) => computeKvCacheBytes([state], { tokens: 1, kvDtype }));
  expect(bytes).toEqual([240, 240, 440, 240, 240, 240, 240, 240, 240, 240]);
});

test("an engine reserves the whole window, transformers one token less and a counter", () => {
  const window: KvCacheLayer = { kind: "slidingWindow", elements: 8, windowTokens: 4 };
  const bytes = (tokens: number, engine: "any" | "transformers"): number =>
    computeKvCacheBytes([window], { tokens, engine });
  expect([3, 4, 5].map((tokens) => bytes(tokens, "any"))).toEqual([48, 64, 64]);
  expect([2, 3, 4].map((tokens) => bytes(tokens, "transformers"))).toEqual([40, 56, 56]);
});

test("an encoder's positions are as many as the prompt's, or those it always has", () => {
  const cross = (encoderTokens: number | null): KvCacheLayer => ({
    kind: "cross",
    elements: 8,
    encoderTokens,
  });
  expect(computeKvCacheBytes([cross(null)], { tokens: 5 })).toBe(80);
  expect(computeKvCacheBytes([cross(1500)], { tokens: 5 })).toBe(24_000);
});

test("a size beyond 2^53 is refused, not rounded", () => {
  expect(() => computeKvCacheBytes([full], { tokens: 2 ** 45 })).toThrow(RangeError);
  expect(() => computeKvCacheBytes([full], { tokens: 0.5 / 4096 })).toThrow(RangeError);
});

test.each([
  ["exactly one token more", 327_680 * 1000, 1000],
  ["one byte short of it", 327_680 * 1000 - 1, 999],
  ["more than the model has context for", 2 ** 52, 131_072],
  ["not even one token", 327_679, 0],
  ["no memory left", -5, 0],
])("the longest context with %s", (_what, memoryBytes, tokens) => {
  expect(computeMaxContext(layersOf("meta-llama/Llama-3.1-70B-Instruct"), memoryBytes, 131_072)).toBe(tokens);
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
      fc.constantFrom(...KV_DTYPES),
      fc.integer({ min: 1, max: 8 }),
      (layers, memoryBytes, kvDtype, batch) => {
        const maxTokens = 1_000_000;
        const bytes = (tokens: number): number => computeKvCacheBytes(layers, { tokens, kvDtype, batch });
        const longest = computeMaxContext(layers, memoryBytes, maxTokens, { kvDtype, batch });
        if (longest > 0) expect(bytes(longest)).toBeLessThanOrEqual(memoryBytes);
        if (longest < maxTokens) expect(bytes(longest + 1)).toBeGreaterThan(memoryBytes);
        expect(bytes(longest)).toBeLessThanOrEqual(bytes(longest + 1));
        expect(
          computeKvCacheBytes(layers, { tokens: longest, kvDtype, batch, layout: "full" }),
        ).toBeGreaterThanOrEqual(bytes(longest));
      },
    ),
  );
});
