import { expect, test } from "vitest";
import { buildConfig } from "../../../src/format/config.ts";
import { estimateMetadata } from "../../../src/quant/gguf/metadata.ts";

test.each([
  [32000, "llama", 723_760],
  [32000, "mistral", 717_600],
  [32064, "phi3", 727_000],
  [32064, "llava", 723_760],
  [128256, "smollm3", 7_823_560],
  [256000, "gemma2", 6_029_300],
  [256000, "cohere", 10_890_000],
  [30522, "distilbert", 628_300],
  [30522, "bert", 628_300],
])("a vocabulary of %i in %s", (vocabulary, modelType, bytes) => {
  const estimate = estimateMetadata(vocabulary, buildConfig({ model_type: modelType }));
  expect(estimate).toMatchObject({ bytes, isKnownTokenizer: true });
});

test("early in 2024, BERT had a score per token, but its rerankers were converted later", () => {
  const bert = (architecture: string) => buildConfig({ model_type: "bert", architectures: [architecture] });
  expect(estimateMetadata(30522, bert("BertModel"), "2024-03").bytes).toBe(749_800);
  expect(estimateMetadata(30522, bert("BertForSequenceClassification"), "2024-03").bytes).toBe(628_300);
});

test("an unknown vocabulary is an estimate by tokens", () => {
  expect(estimateMetadata(1000, null)).toEqual({
    bytes: 40_000,
    uncertaintyBytes: 25_000,
    isKnownTokenizer: false,
  });
});
