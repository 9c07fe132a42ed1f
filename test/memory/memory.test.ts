import { expect, test } from "vitest";
import { addMemory, planOverhead, readContextLength } from "../../src/memory/memory.ts";
import type { KvDtype } from "../../src/contract/terms.ts";
import { buildConfig, type Config, type JsonObject } from "../../src/format/config.ts";
import { configOf, layersOrNull } from "./known-caches.ts";

test.each([
  ["weights, cache and overhead", 100, 20, 3, 123],
  ["unknown weights", null, 20, 3, null],
  ["an unknown cache", 100, null, 3, null],
  ["a total beyond 2^53", 2 ** 53 - 1, 1, 0, null],
])("memory of %s", (_what, weights, cache, overhead, total) => {
  expect(addMemory([weights, cache, overhead])).toBe(total);
});

const overheadOf = (config: Config | null, weightsBytes: number, kvDtype: KvDtype = "fp16") =>
  planOverhead({ config, layers: config && layersOrNull(config), batch: 1, kvDtype })(weightsBytes, 4096);

// fixtures/llama-cpp: a model of the same widths.
test("meta-llama/Meta-Llama-3-8B: the 266.5 MiB that llama.cpp reserves", () => {
  expect(overheadOf(configOf("meta-llama/Meta-Llama-3-8B"), 1) / 2 ** 20).toBeCloseTo(266.5, 1);
});

test("a quantized cache of 8 heads of 128 is expanded to 16 bits, one layer at a time", () => {
  const config = configOf("meta-llama/Meta-Llama-3-8B");
  expect((overheadOf(config, 1, "q8_0") - 4096 * 2048 * 2) / 2 ** 20).toBeCloseTo(266.5, 1);
  expect(overheadOf(config, 1, "fp8")).toBe(overheadOf(config, 1));
});

test("without a config, or without sizes in it, the overhead is 5 % of the weights", () => {
  expect(overheadOf(null, 2_000_001)).toBe(100_001);
  expect(overheadOf(buildConfig({ model_type: "llama" }), 2_000_000)).toBe(100_000);
});

const bert = {
  model_type: "bert",
  vocab_size: 30_522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
};

test.each([
  ["BertForSequenceClassification", 0],
  ["BertModel", 0],
  ["BertForMaskedLM", 30_522],
  ["BertForPreTraining", 30_522],
])("%s computes logits of %i words", (architecture, words) => {
  const bytes = overheadOf(buildConfig({ ...bert, architectures: [architecture] }), 1);
  expect(bytes > 512 * 30_522 * 4).toBe(words > 0);
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
