import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/format/tensor.ts";
import { classifyTensors } from "./classify.ts";
import { buildConfig } from "../../src/format/config.ts";
import { examineReal, tensor } from "./real-models.ts";

const describeTensors = (tensors: readonly Tensor[], config: Record<string, unknown> | null = {}) =>
  classifyTensors([{ folder: "", tensors, config: config && buildConfig(config) }]);

describe("what is stored and is no weight", () => {
  test.each([
    // model                          reason    count  first
    ["openai-community/gpt2", "buffer", 12, "h.0.attn.bias"],
    ["meta-llama/Llama-2-7b-hf", "buffer", 32, "model.layers.0.self_attn.rotary_emb.inv_freq"],
    ["Qwen/Qwen3-0.6B", "tied", 1, "lm_head.weight"],
    ["openai/gpt-oss-20b", "scale", 48, "model.layers.0.mlp.experts.gate_up_proj_scales"],
  ])("%s: %s, %i times", (id, reason, count, name) => {
    const { excluded } = examineReal(id).classified;
    expect(new Set(excluded.map((each) => each.reason))).toEqual(new Set([reason]));
    expect(excluded).toHaveLength(count);
    expect(excluded.map((each) => each.tensor.name)).toContain(name);
  });

  test.each(["google/gemma-2b-it", "bigscience/bloom-560m", "openai/clip-vit-large-patch14"])(
    "%s: nothing",
    (id) => {
      expect(examineReal(id).classified).toMatchObject({ excluded: [], notes: [], certain: true });
    },
  );
});

test("gpt-oss-20b is unpacked: names and shapes of the plain model", () => {
  const { weights, unpacked } = examineReal("openai/gpt-oss-20b").classified;
  expect(weights.find(({ name }) => name === "model.layers.0.mlp.experts.gate_up_proj")).toMatchObject({
    shape: [32, 5_760, 2_880],
    dtype: "U8",
    role: "experts",
    parameters: 530_841_600,
  });
  expect(unpacked).toMatchObject([{ tensors: 48, parameters: 19_110_297_600 }]);
});

test("a head that is stored twice is counted once, and said", () => {
  expect(examineReal("Qwen/Qwen3-0.6B").classified.notes).toEqual([
    { code: "TIED_HEAD_STORED", message: "lm_head.weight repeats the embedding; counted once" },
  ]);
});

test("a head that may be a copy is counted, and said", () => {
  const { notes, weights } = describeTensors(
    [tensor("model.embed_tokens.weight", [8, 4]), tensor("lm_head.weight", [8, 4])],
    null,
  );
  expect(notes.map(({ code }) => code)).toEqual(["HEAD_MAYBE_TIED"]);
  expect(weights).toHaveLength(2);
});

test("a tensor that two files hold counts once", () => {
  const twice = [tensor("a.weight", [2, 3]), tensor("b.weight", [5]), tensor("a.weight", [2, 3])];
  expect(describeTensors(twice)).toMatchObject({
    weights: [{ name: "a.weight" }, { name: "b.weight" }],
    excluded: [{ reason: "duplicate" }],
    storedElements: 17,
  });
});

test("a tensor that two files hold in different shapes is malformed", () => {
  expect(() => describeTensors([tensor("a", [2, 3]), tensor("a", [3, 2])])).toThrow(
    expect.objectContaining({ name: "MalformedError" }),
  );
});

test("parts keep apart: names begin with the folder, ties are each part's own", () => {
  const config = buildConfig({ tie_word_embeddings: true });
  const tensors = [tensor("shared.weight", [8, 4]), tensor("lm_head.weight", [8, 4])];
  const { weights, excluded, storedElements } = classifyTensors([
    { folder: "text_encoder", tensors, config },
    { folder: "a/b", tensors, config: buildConfig({ tie_word_embeddings: false }) },
  ]);
  expect(weights.map(({ name }) => name)).toEqual([
    "text_encoder.shared.weight",
    "a.b.shared.weight",
    "a.b.lm_head.weight",
  ]);
  expect(excluded.map(({ reason }) => reason)).toEqual(["tied"]);
  expect(storedElements).toBe(128);
});

test("the layer of deepseek-ai/DeepSeek-V3 for multi-token prediction is told apart", () => {
  const config = { num_hidden_layers: 61, num_nextn_predict_layers: 1 };
  const tensors = [60, 61].map((layer) => tensor(`model.layers.${layer}.mlp.up_proj.weight`, [4, 4]));
  const { weights, notes } = describeTensors(tensors, config);
  expect(weights.map(({ role }) => role)).toEqual(["mlp", "mtp"]);
  expect(notes.map(({ code }) => code)).toEqual(["MTP_COUNTED"]);
});

test("where a packing is not understood, nothing is left out as a buffer", () => {
  const tensors = [tensor("layer.mystery", [8, 8], "I32"), tensor("layer.mask", [4], "BOOL")];
  const { certain, weights, notes } = describeTensors(tensors);
  expect(certain).toBe(false);
  expect(weights).toHaveLength(2);
  expect(notes.map(({ code }) => code)).toEqual(["PACKING_UNKNOWN"]);
});

describe("what cannot be counted exactly is refused", () => {
  const refused = expect.objectContaining({ name: "MalformedError" });

  test.each([
    ["one tensor", [tensor("a", [2 ** 51], "F8_E4M3")]],
    ["a sum", [tensor("a", [2 ** 50], "F8_E4M3"), tensor("b", [1], "F8_E4M3")]],
    ["a shape beyond 2^53", [{ name: "a", shape: [2 ** 40, 2 ** 40], dtype: "F4", bytes: 0 }]],
    ["a fraction", [{ name: "a", shape: [0.5], dtype: "F4", bytes: 0 }]],
  ])("%s", (_what, tensors) => {
    expect(() => describeTensors(tensors)).toThrow(refused);
  });

  test("a sum over parts", () => {
    const part = { folder: "a", tensors: [tensor("a", [2 ** 50], "F8_E4M3")], config: null };
    expect(() => classifyTensors([part])).not.toThrow();
    expect(() => classifyTensors([part, { ...part, folder: "b" }])).toThrow(refused);
  });
});

test("nothing stored is nothing", () => {
  expect(classifyTensors([])).toMatchObject({ weights: [], storedElements: 0, certain: true });
});
