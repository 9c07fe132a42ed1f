import { expect, test } from "vitest";
import { predictProjectorBytes } from "../../../src/quant/gguf/projector.ts";
import { fixtureModel } from "../fixtures.ts";
import { modelOf, weightOf } from "../tiny-model.ts";

test.each([
  ["google/gemma-3-4b-it", 851_000_000], // ggml-org's mmproj-model-f16.gguf
  ["Qwen/Qwen2.5-VL-7B-Instruct", 1_350_000_000],
])("the projector of %s", (id, bytes) => {
  expect(Math.abs((predictProjectorBytes(fixtureModel(id)) ?? 0) / bytes - 1)).toBeLessThan(0.005);
});

test("a model of text alone has none", () => {
  expect(predictProjectorBytes(fixtureModel("google/gemma-2b-it"))).toBeNull();
});

test.each([
  ["a matrix", "vision_tower.encoder.layers.0.mlp.fc1.weight", [64, 64], 2],
  ["a bias", "vision_tower.encoder.layers.0.mlp.fc1.bias", [64], 4],
  ["positions", "vision_tower.embeddings.position_embedding.weight", [64, 64], 4],
  ["the patches of Gemma 3", "vision_tower.embeddings.patch_embedding.weight", [64, 3, 8, 8], 4],
  ["the patches of Qwen2.5-VL", "visual.patch_embed.proj.weight", [64, 3, 2, 8, 8], 2],
  ["the projection of Gemma 3", "multi_modal_projector.mm_input_projection_weight", [64, 64], 2],
])("%s", (_what, name, shape, width) => {
  const weight = weightOf(name, ...shape);
  const bytes = predictProjectorBytes(modelOf({}, weight)) ?? 0;
  expect(bytes).toBe(2_048 + 48 + 8 * shape.length + width * weight.parameters);
});
