import { expect, test } from "vitest";
import { computeCacheBytes } from "../../src/fit/cache.ts";
import { describeCacheLayers } from "../../src/fit/layers.ts";
import type { GgufValue } from "../../src/format/gguf/metadata.ts";
import { describeConfig } from "../../src/model/config.ts";
import { describeGgufConfig } from "../../src/model/gguf-config.ts";

const describe = (architecture: string, values: Record<string, GgufValue>) =>
  describeGgufConfig(
    architecture,
    new Map(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value])),
  );

const LLAMA = { block_count: 32, embedding_length: 4096, "attention.head_count": 32 };

test.each([
  ["as many key-value heads as heads where none are named", LLAMA, 32],
  ["those named", { ...LLAMA, "attention.head_count_kv": 8 }, 8],
])("%s", (_what, values, heads) => {
  expect(describe("llama", values)).toMatchObject({ num_key_value_heads: heads, head_dim: 128 });
});

const GEMMA4 = {
  block_count: 6,
  embedding_length: 2560,
  "attention.head_count": 8,
  "attention.head_count_kv": [2, 2, 2, 2, 1, 1],
  "attention.key_length": 512,
  "attention.value_length": 512,
  "attention.key_length_swa": 256,
  "attention.value_length_swa": 256,
  "attention.sliding_window": 1024,
  "attention.sliding_window_pattern": [1, 1, 1, 1, 0, 0],
};

test("Gemma 4: heads of two sizes, windows as listed, and a last layer that shares", () => {
  const config = describeConfig(describe("gemma4", { ...GEMMA4, "attention.shared_kv_layers": 1 }));
  const { layers } = describeCacheLayers(config);
  expect(layers && computeCacheBytes(layers, { tokens: 8192 })).toBe(
    4 * 1024 * 2 * 2 * 256 * 2 + 8192 * 2 * 512 * 2,
  );
});

test("Gemma 4 without a word on sharing is unknown", () => {
  expect(describeCacheLayers(describeConfig(describe("gemma4", GEMMA4)))).toMatchObject({
    layers: null,
    reason: expect.stringMatching(/num_kv_shared_layers/),
  });
});
