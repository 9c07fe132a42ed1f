import { expect, test } from "vitest";
import { isUnknown, unknown } from "../../src/contract/unknown.ts";
import { predictCheckpoint, type CheckpointRule } from "../../src/quant/quantized-checkpoint.ts";
import { computeSafetensorsBytes } from "../../src/quant/safetensors-file.ts";
import { modelOf, weightOf } from "./tiny-model.ts";

const rule: CheckpointRule = {
  type: "packed",
  store: ({ outputs, inputs }) => [["packed", "U8", [outputs, inputs / 2]]],
  unquantizedDtype: "F16",
  decodersOnly: true,
  errorBand: 0.001,
  assumptions: ["a rule for tests"],
};

const embedding = weightOf("model.embed_tokens.weight", 100, 8);
const layer = weightOf("model.layers.0.mlp.up_proj.weight", 16, 8);
const llama = { model_type: "llama", architectures: ["LlamaForCausalLM"] };
const subject = modelOf(llama, embedding, layer);

test("layers are stored by the rule, everything else as it is", () => {
  const packed = { name: "model.layers.0.mlp.up_proj.packed", dtype: "U8", shape: [16, 4] } as const;
  const kept = { name: embedding.name, dtype: "F16", shape: [100, 8] } as const;
  expect(predictCheckpoint(subject, rule, {})).toEqual({
    bytes: computeSafetensorsBytes([packed, kept]),
    largestArrayBytes: null,
    parameters: 928,
    errorBand: 0.001,
    assumptions: ["a rule for tests", "the tied output head is stored once"],
    listTensors: expect.any(Function),
  });
});

test("a tied head is written again on request", () => {
  const twice = predictCheckpoint(subject, rule, { separateHead: true });
  const once = predictCheckpoint(subject, rule, {});
  if (isUnknown(twice) || isUnknown(once)) throw new Error("a rule for tests");
  expect(twice.bytes - once.bytes).toBeGreaterThan(100 * 8 * 2);
  expect(twice).toMatchObject({ assumptions: ["a rule for tests"] });
});

test.each([
  ["no layer was found", modelOf(llama, embedding), rule],
  ["the model is an encoder", modelOf({ model_type: "bert" }, embedding, layer), rule],
  ["the tool refuses a layer", subject, { ...rule, refuse: () => "too narrow" }],
  ["no layer was stored", subject, { ...rule, store: () => null }],
])("nothing is predicted where %s", (_why, model, refusing) => {
  expect(predictCheckpoint(model, refusing, {})).toEqual(unknown(expect.any(String)));
});
