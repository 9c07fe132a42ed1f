import { expect, test } from "vitest";
import { computeKvCacheBytes } from "../../../src/memory/kv-cache.ts";
import { inferKvCacheLayers } from "../../../src/memory/kv-cache-layers.ts";
import { layersOrNull } from "../../memory/known-caches.ts";
import type { GgufValue } from "../../../src/format/gguf/metadata.ts";
import { buildConfig } from "../../../src/format/config.ts";
import { describeGgufConfig } from "../../../src/format/gguf/config.ts";

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
  const config = buildConfig(describe("gemma4", { ...GEMMA4, "attention.shared_kv_layers": 1 }));
  const layers = layersOrNull(config);
  expect(layers && computeKvCacheBytes(layers, { tokens: 8192 })).toBe(
    4 * 1024 * 2 * 2 * 256 * 2 + 8192 * 2 * 512 * 2,
  );
});

test("Gemma 4 without a word on sharing is unknown", () => {
  expect(inferKvCacheLayers(buildConfig(describe("gemma4", GEMMA4)))).toMatchObject({
    isUnknown: true,
    reason: expect.stringMatching(/num_kv_shared_layers/),
  });
});

const bytesOf = (architecture: string, values: Record<string, GgufValue>) => {
  const layers = layersOrNull(buildConfig(describe(architecture, values)));
  return layers && computeKvCacheBytes(layers, { tokens: 8192 });
};

const sizes = (layers: number, hidden: number, heads: number, keyValueHeads: number) => ({
  block_count: layers,
  embedding_length: hidden,
  "attention.head_count": heads,
  "attention.head_count_kv": keyValueHeads,
});

const lengths = (key: number, value: number) => ({
  "attention.key_length": key,
  "attention.value_length": value,
});

test.each<[string, string, Record<string, GgufValue>, number | null]>([
  ["the 8 heads of tiiuae/falcon-40b", "falcon", sizes(60, 8192, 128, 8), 60 * 8 * 64 * 2],
  ["the one of tiiuae/falcon-7b", "falcon", sizes(32, 4544, 71, 1), 32 * 64 * 2],
  [
    "no window, as llama.cpp has none for microsoft/Phi-3-mini-4k-instruct",
    "phi3",
    { ...sizes(32, 3072, 32, 32), "attention.sliding_window": 2047 },
    32 * 3072 * 2,
  ],
  [
    "the 4 layers of google/byt5-small's decoder",
    "t5",
    { ...sizes(12, 1472, 6, 6), ...lengths(64, 64), decoder_block_count: 4 },
    2 * 4 * 6 * 64 * 2,
  ],
  [
    "all heads of openbmb/MiniCPM3-4B",
    "minicpm3",
    { ...sizes(62, 2560, 40, 40), ...lengths(96, 64), "attention.kv_lora_rank": 256 },
    62 * 40 * (96 + 64),
  ],
  [
    "the latents of a file that gives the sizes of heads as well",
    "mistral4",
    {
      ...sizes(36, 4096, 32, 1),
      ...lengths(320, 256),
      "attention.kv_lora_rank": 256,
      "attention.key_length_mla": 128,
      "attention.value_length_mla": 128,
    },
    36 * 320,
  ],
  [
    "nothing known of latents where it does not",
    "mistral4",
    { ...sizes(36, 4096, 32, 1), ...lengths(320, 256), "attention.kv_lora_rank": 256 },
    null,
  ],
])("%s", (_what, architecture, values, elementsPerToken) => {
  expect(bytesOf(architecture, values)).toBe(elementsPerToken && elementsPerToken * 2 * 8192);
});

test("the vocabulary is as long as the embedding, unless a file says", () => {
  const embedding = [{ name: "token_embd.weight", shape: [32_064, 3072] }];
  const vocabulary = (said: [string, GgufValue][]) =>
    describeGgufConfig("phi3", new Map(said), embedding)["vocab_size"];
  expect(vocabulary([])).toBe(32_064);
  expect(vocabulary([["phi3.vocab_size", 32_000]])).toBe(32_000);
});
