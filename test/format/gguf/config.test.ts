import { expect, test } from "vitest";
import type { GgufValue } from "../../../src/format/gguf/metadata.ts";
import { buildGgufConfig } from "../../../src/format/gguf/config.ts";

const describe = (architecture: string, values: Record<string, GgufValue>) =>
  buildGgufConfig(
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

test("the vocabulary is as long as the embedding, unless a file says", () => {
  const embedding = [{ name: "token_embd.weight", shape: [32_064, 3072] }];
  const vocabulary = (said: [string, GgufValue][]) =>
    buildGgufConfig("phi3", new Map(said), embedding)["vocab_size"];
  expect(vocabulary([])).toBe(32_064);
  expect(vocabulary([["phi3.vocab_size", 32_000]])).toBe(32_000);
});

test("the words below the architecture are kept as they are", () => {
  expect(describe("llama", LLAMA)["gguf"]).toEqual(LLAMA);
});
