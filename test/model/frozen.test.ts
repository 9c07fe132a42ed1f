import { expect, test } from "vitest";
import { parseAdapter } from "../../src/model/adapter.ts";
import { classifyTensors } from "./classify.ts";
import { findFrozen } from "../../src/model/frozen.ts";
import { tensor } from "./real-models.ts";

const adapter = parseAdapter({ peft_type: "LORA", r: 4, modules_to_save: ["lm_head"] });

test.each([
  // name                                                        frozen
  ["base_model.model.lm_head.base_layer.weight", true],
  ["base_model.model.model.embed_tokens.weight", true], // resized, not trained
  ["base_model.model.lm_head.weight", false], // modules_to_save names it
  ["base_model.vera_A", true],
  ["base_model.randlora_B", true],
  ["base_model.model.model.layers.0.self_attn.q_proj.vera_lambda_b", false],
  ["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", false],
  ["base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", false],
])("%s is frozen: %j", (name, expected) => {
  expect(findFrozen(adapter)(name)).toBe(expected);
});

test("without adapter_config.json, only peft's own names are frozen, and only in its files", () => {
  expect(findFrozen(null)("base_model.model.lm_head.base_layer.weight")).toBe(true);
  expect(findFrozen(null)("base_model.model.model.embed_tokens.weight")).toBe(false);
  expect(findFrozen(null)("encoder.base_layer.weight")).toBe(false);
});

test("what is not trained is left out with a note", () => {
  const tensors = [
    tensor("base_model.model.model.embed_tokens.weight", [50, 8]),
    tensor("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [4, 8]),
  ];
  const { weights, excluded, notes } = classifyTensors([{ folder: "", tensors, config: null, adapter }]);
  expect(weights.map(({ parameters }) => parameters)).toEqual([32]);
  expect(excluded.map(({ reason }) => reason)).toEqual(["frozen"]);
  expect(notes.map(({ code }) => code)).toEqual(["FROZEN_STORED"]);
});
