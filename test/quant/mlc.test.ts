import { expect, test } from "vitest";
import { MLC } from "../../src/quant/mlc.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const LLAMA = { model_type: "llama", architectures: ["LlamaForCausalLM"] };
const layer = weightOf("model.layers.0.mlp.up_proj.weight", 10, 100);
const norm = weightOf("model.norm.weight", 100);

test.each([
  // 100 inputs are four groups of 32, the last one short, or three of 40.
  ["q4f16_1", 10 * 4 * (16 + 2) + 100 * 2],
  ["q4f32_1", 10 * 4 * (16 + 4) + 100 * 4],
  ["q3f16_1", 10 * 3 * (16 + 2) + 100 * 2],
  ["q0f16", 1000 * 2 + 100 * 2],
  ["q0f32", 1000 * 4 + 100 * 4],
])("%s", (name, bytes) => {
  expect(predictWith(MLC, name, modelOf(LLAMA, layer, norm)).bytes).toBe(bytes);
});

test.each([
  ["microsoft/Phi-3-mini-128k-instruct", 2_149_644_288],
  ["Qwen/Qwen2.5-0.5B-Instruct", 277_996_288],
  ["microsoft/phi-2", 1_564_948_480],
])("%s at q4f16_1 is exact", (id, bytes) => {
  expect(predictWith(MLC, "q4f16_1", fixtureModel(id)).bytes).toBe(bytes);
});

test.each([
  [256, 256 * 32 * 2],
  [257, 257 * 18],
])("a router of %d experts: up to 256 stay", (experts, bytes) => {
  const router = weightOf("model.layers.0.mlp.gate.weight", experts, 32);
  expect(predictWith(MLC, "q4f16_1", modelOf(LLAMA, router)).bytes).toBe(bytes);
});

test.each([
  "google-bert/bert-base-uncased",
  "google-t5/t5-base",
  "google/gemma-3-4b-it",
  "openai-community/gpt2",
])("nothing is predicted for %s", (id) => expect(reasonFor(MLC, "q4f16_1", fixtureModel(id))).not.toBeNull());
