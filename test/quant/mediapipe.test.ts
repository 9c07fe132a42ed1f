import { expect, test } from "vitest";
import { MEDIAPIPE } from "../../src/quant/mediapipe.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const GEMMA_TOKENIZER = 4_241_003;

const tiny = modelOf(
  { model_type: "gemma", architectures: ["GemmaForCausalLM"] },
  weightOf("model.embed_tokens.weight", 10, 4),
  weightOf("model.layers.0.self_attn.q_proj.weight", 6, 4),
  weightOf("model.layers.0.mlp.up_proj.weight", 7, 4),
  weightOf("model.norm.weight", 4),
);

test.each([
  ["int4", 20 + 10 * 4 + (24 + 6 * 4) + (14 + 7 * 4) + 4 * 4],
  ["int8", 40 + 10 * 4 + (24 + 6 * 4) + (28 + 7 * 4) + 4 * 4],
])("%s has a scale for each output, and the tokenizer inside", (name, bytes) => {
  expect(predictWith(MEDIAPIPE, name, tiny).bytes).toBe(bytes + GEMMA_TOKENIZER);
});

test("gemma-7b-it-gpu-int8.bin", () => {
  const { bytes, errorBand } = predictWith(MEDIAPIPE, "int8", fixtureModel("google/gemma-7b"));
  expect(Math.abs(bytes / 8_551_137_280 - 1)).toBeLessThan(0.0001);
  expect(errorBand).toBe(0.001);
});

test.each(["Qwen/Qwen3-8B", "google/gemma-3-4b-it", "google-bert/bert-base-uncased"])(
  "nothing for %s",
  (id) => {
    expect(reasonFor(MEDIAPIPE, "int8", fixtureModel(id))).not.toBeNull();
  },
);

test("Gemma 2 is refused, as its one published file is not explained", () => {
  expect(reasonFor(MEDIAPIPE, "int8", fixtureModel("google/gemma-2-2b-it"))).toMatch(/another rule/);
});
