import { expect, test } from "vitest";
import { addMemory, estimateOverheadBytes, readContextLength } from "../../src/memory/memory.ts";
import { buildConfig, type JsonObject } from "../../src/format/config.ts";
import { configOf } from "./known-caches.ts";

test.each([
  ["weights, cache and overhead", 100, 20, 3, 123],
  ["unknown weights", null, 20, 3, null],
  ["an unknown cache", 100, null, 3, null],
  ["a total beyond 2^53", 2 ** 53 - 1, 1, 0, null],
])("memory of %s", (_what, weights, cache, overhead, total) => {
  expect(addMemory(weights, cache, overhead)).toBe(total);
});

// The compute buffers that llama.cpp prints, with 512 tokens at once.
test.each([
  ["meta-llama/Meta-Llama-3-8B", 258.5],
  ["meta-llama/Llama-2-7b-hf", 70.5],
])("%s: %d MiB of overhead", (id, mebibytes) => {
  expect(estimateOverheadBytes(configOf(id), 1)).toBe(mebibytes * 2 ** 20);
});

test("without a config, or without sizes in it, the overhead is 5 % of the weights", () => {
  expect(estimateOverheadBytes(null, 2_000_001)).toBe(100_001);
  expect(estimateOverheadBytes(buildConfig({ model_type: "llama" }), 2_000_000)).toBe(100_000);
});

const bert = { model_type: "bert", vocab_size: 30_522, hidden_size: 768 };

test.each([
  ["BertForSequenceClassification", 768],
  ["BertModel", 768],
  ["BertForMaskedLM", 768 + 30_522],
  ["BertForPreTraining", 768 + 30_522],
])("%s computes %i numbers a token", (architecture, numbers) => {
  const config = buildConfig({ ...bert, architectures: [architecture] });
  expect(estimateOverheadBytes(config, 1)).toBe(512 * numbers * 4);
});

test.each<[string | JsonObject, number | null]>([
  ["meta-llama/Llama-3.1-8B-Instruct", 131_072],
  ["google/gemma-4-31B-it", 262_144],
  ["openai-community/gpt2", 1024],
  ["google-t5/t5-base", 512],
  ["openai/whisper-base", 448],
  ["state-spaces/mamba-130m-hf", null],
  [{ model_type: "mpt", max_seq_len: 2048 }, 2048],
])("%j was made for %j tokens", (model, tokens) => {
  expect(readContextLength(configOf(model))).toBe(tokens);
});
