import { isUnknown } from "../../src/contract/unknown.ts";
import { describe, expect, test } from "vitest";
import { listSharings } from "../../src/reduce/sharing.ts";
import type { JsonObject } from "../../src/format/config.ts";
import { modelOf, weightOf } from "../quant/tiny-model.ts";
import { readRealModels } from "../hub/real-models.ts";
import { applyTo, LEVELS_REQUEST, originalOf } from "./base-models.ts";

const shareOf = (id: string, step: string) => {
  const change = applyTo(originalOf(id), step);
  if (isUnknown(change)) return change.reason;
  return change.variant.weights.reduce((sum, { parameters }) => sum + parameters, 0);
};

test.each<[string, string, number | string]>([
  ["google/gemma-2b-it", "share:untied", 2_506_172_416 + 256_000 * 2048],
  ["google/gemma-2b-it", "share:tied", "its head is tied already"],
  ["meta-llama/Llama-2-7b-hf", "share:tied", 6_738_415_616 - 32_000 * 4096],
  ["meta-llama/Llama-2-7b-hf", "share:untied", "its head is not tied to the embedding"],
  ["sentence-transformers/all-MiniLM-L6-v2", "share:tied", "there is no output head to tie"],
  // ALBERT: 7,087,872 parameters for twelve layers, as BERT has in each
  ["albert/albert-base-v2", "share:unshared", 11_812_272 + 11 * 7_087_872],
  ["albert/albert-base-v2", "share:layers:1", "its layers are shared already"],
  ["google-bert/bert-base-uncased", "share:layers:1", 110_106_428 - 11 * 7_087_872],
  ["google-bert/bert-base-uncased", "share:layers:4", 110_106_428 - 8 * 7_087_872],
  [
    "google-bert/bert-base-uncased",
    "share:layers:5",
    "5 groups do not divide the 12 layers of bert.encoder.layer",
  ],
  [
    "google-bert/bert-base-uncased",
    "share:layers:12",
    "12 groups do not divide the 12 layers of bert.encoder.layer",
  ],
  ["google-bert/bert-base-uncased", "share:unshared", "it shares no layers"],
  [
    "google-t5/t5-base",
    "share:layers:1",
    "its layers are not alike: encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
  ],
  [
    "deepseek-ai/DeepSeek-V2-Lite",
    "share:layers:1",
    "its layers are not alike: model.layers.0.mlp.down_proj.weight",
  ],
])("%s, %s: %s", (id, step, expected) => expect(shareOf(id, step)).toBe(expected));

describe("an embedding that may serve as the head, too", () => {
  const embedding = weightOf("model.embed_tokens.weight", 100, 8);
  test.each<[string, JsonObject, number | string]>([
    ["a config without architectures", { model_type: "gemma" }, 1600],
    ["a bare LlamaModel", { model_type: "llama" }, "its head is not tied to the embedding"],
    ["BERT as GGUF", { model_type: "bert" }, "its head is not tied to the embedding"],
    [
      "a GGUF of nomic-embed-text",
      { model_type: "nomic-bert", tie_word_embeddings: true },
      "its head is not tied to the embedding",
    ],
    [
      "google/electra-base-discriminator",
      { model_type: "electra", architectures: ["ElectraForPreTraining"] },
      "its head is not tied to the embedding",
    ],
    ["BERT", { model_type: "bert", architectures: ["BertForPreTraining"] }, 1600],
  ])("%s", (_, config, expected) => {
    const change = applyTo(modelOf(config, embedding), "share:untied");
    expect(isUnknown(change) ? change.reason : change.variant.weights.length * 800).toBe(expected);
  });
});

describe("ALBERT", () => {
  const rows = listSharings(originalOf("albert/albert-base-v2"), LEVELS_REQUEST);

  test("has unique parameters, and the effective ones they do the work of", () => {
    expect(rows.find(({ name }) => name === "12 layers in 1 group (today)")).toMatchObject({
      parameters: 11_812_272,
      inputs: { uniqueParameters: 11_812_272, effectiveParameters: 89_778_864 },
      arithmetic: "11,812,272 unique do the work of 89,778,864",
    });
    expect(rows.find(({ name }) => name === "12 layers, each its own")?.parameters).toBe(89_778_864);
  });
});

test("a bias that is stored twice is nothing to speak of: ALBERT", () => {
  const rows = listSharings(originalOf("albert/albert-base-v2"), LEVELS_REQUEST);
  expect(rows.filter(({ name }) => name.includes("stored twice"))).toEqual([]);
});

test("two layers are shared in one way", () => {
  const layers = [0, 1].map((layer) => weightOf(`model.layers.${layer}.self_attn.q_proj.weight`, 8, 8));
  const rows = listSharings({ id: "tiny", copies: [], ...modelOf({}, ...layers) }, LEVELS_REQUEST);
  expect(rows.filter(({ name }) => name === "2 layers in 1 group")).toHaveLength(1);
});

test("a tied head that is stored twice is wasted: Qwen3-0.6B", () => {
  const rows = listSharings(originalOf("Qwen/Qwen3-0.6B"), LEVELS_REQUEST);
  expect(rows.map(({ caveat }) => caveat).join()).not.toContain("Saved already");
  expect(rows.find(({ name }) => name === "lm_head stored twice (today)")).toMatchObject({
    parameters: 751_632_384, // what the Hub says the model has
    inputs: { wastedParameters: 155_582_464, wastedBytes: 311_164_928 },
  });
});

test.each(readRealModels().map(({ id }) => id))("sharing more of %s never makes it larger", (id) => {
  const base = originalOf(id);
  const total = base.weights.reduce((sum, { parameters }) => sum + parameters, 0);
  for (const step of ["share:tied", "share:layers:1", "share:layers:2"]) {
    const parameters = shareOf(id, step);
    if (typeof parameters === "number") expect(parameters).toBeLessThan(total);
  }
  const untied = shareOf(id, "share:untied");
  if (typeof untied === "number") expect(untied).toBeGreaterThan(total);
});

test("in a format of a tool, shared layers are unknown: none writes them once", () => {
  const change = applyTo(originalOf("google/gemma-2b-it"), "share:layers:1");
  expect(isUnknown(change) ? null : change.variant.sharesLayers).toBe(true);
});
