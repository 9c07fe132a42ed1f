import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildConfig } from "../../../src/format/config.ts";
import { type Weight } from "../../../src/model/weight.ts";
import { ROLES } from "../../../src/contract/terms.ts";
import { FILE_TYPES } from "../../../src/quant/gguf/file-types.ts";
import { GGUF } from "../../../src/quant/gguf/gguf.ts";
import type { LogicalModel, Prediction, SchemeOptions } from "../../../src/quant/scheme.ts";
import { parseQuantization } from "../../../src/quant/registry.ts";
import { predictVariants } from "../../../src/quant/variants.ts";
import { fixtureModel } from "../fixtures.ts";
import { predictWith, reasonFor } from "../tiny-model.ts";
import { MORE_PUBLISHED_SIZES } from "./more-published-sizes.ts";

function predicted(name: string, model: LogicalModel, options?: SchemeOptions): Prediction {
  return predictWith(GGUF, name, model, options);
}

test.each(MORE_PUBLISHED_SIZES)("$published $name", ({ base, name, bytes, options }) => {
  const prediction = predicted(name, fixtureModel(base), options);
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(prediction.errorBand ?? 0);
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(2e-5);
});

describe("Llama-3.1-8B", () => {
  const { weights, config } = fixtureModel("meta-llama/Llama-3.1-8B-Instruct");
  // The config in the fixture is an early one, without the factors for long contexts.
  const root = { ...config?.root, rope_scaling: { rope_type: "llama3", factor: 8 } };
  const subject = { weights, config: buildConfig(root) };

  test("Q4_K_M is bartowski's Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf to the byte", () => {
    expect(predicted("Q4_K_M", subject).bytes).toBe(4_920_739_232);
  });

  test.each([
    ["Q4_0", "with"],
    ["IQ4_XS", "with"],
    ["IQ4_NL", "with"],
    ["IQ3_XXS", "with"],
    ["Q5_0", "without"],
  ])("%s is usually made %s an importance matrix, and the other way is a variant", (name, way) => {
    const quantization = parseQuantization(`gguf:${name}`);
    const usual = predicted(name, subject);
    const other = predicted(name, subject, { imatrix: way === "without" });
    expect(usual.assumptions).toEqual([`made ${way} an importance matrix`]);
    expect(other.assumptions).toEqual([]);
    const opposite = way === "with" ? "without" : "with";
    expect(predictVariants(quantization, subject, usual)).toContainEqual({
      because: `made ${opposite} an importance matrix`,
      prediction: expect.objectContaining({ bytes: other.bytes }),
    });
  });

  test("what an importance matrix does not change has no assumption about it", () => {
    expect(predicted("Q4_K_M", subject).assumptions).toEqual([]);
    expect(predicted("Q4_K_M", subject, { imatrix: false }).bytes).toBe(predicted("Q4_K_M", subject).bytes);
  });

  test("a head of other bits", () => {
    expect(predicted("Q4_K_M", subject, { headBits: 8 }).bytes).toBe(5_310_637_472); // published as Q4_K_L
    expect(reasonFor(GGUF, "Q4_K_M", subject, { headBits: 7 })).toBe(
      "GGUF does not support a head of 7 bits",
    );
  });
});

test("a tied head is written again when asked for", () => {
  const subject = fixtureModel("Qwen/Qwen2.5-0.5B-Instruct");
  const once = predicted("F16", subject).bytes;
  const twice = predicted("F16", subject, { separateHead: true }).bytes;
  expect(twice - once).toBeGreaterThanOrEqual(151_936 * 896 * 2);
  const untied = fixtureModel("Qwen/Qwen2.5-7B-Instruct");
  expect(predicted("F16", untied, { separateHead: true })).toEqual({
    ...predicted("F16", untied),
    listTensors: expect.any(Function),
  });
});

test("experts of gpt-oss stay MXFP4 in every file", () => {
  const subject = fixtureModel("openai/gpt-oss-20b");
  const names = FILE_TYPES.filter((name) => name !== "F32");
  for (const name of names) {
    expect(predicted(name, subject).bytes).toBeGreaterThan(11.3e9);
    expect(predicted(name, subject).bytes).toBeLessThan(13.8e9);
  }
});

test("vision towers and projectors go to a file of their own", () => {
  const whole = fixtureModel("google/gemma-3-4b-it");
  const text = { ...whole, weights: whole.weights.filter(({ role }) => role !== "vision") };
  expect(text.weights.length).toBeLessThan(whole.weights.length);
  const { projectorBytes = 0, ...own } = predicted("F16", whole);
  expect(own).toEqual({ ...predicted("F16", text), listTensors: expect.any(Function) });
  expect(projectorBytes).toBeGreaterThan(800e6);
});

describe("what llama.cpp does not convert", () => {
  test.each([
    ["facebook/bart-base", "llama.cpp does not map encoder.embed_positions.weight of bart"],
    ["openai/whisper-tiny", "llama.cpp does not map model.encoder.embed_positions.weight of whisper"],
    [
      "openai/clip-vit-large-patch14",
      "llama.cpp does not map text_model.embeddings.token_embedding.weight of clip",
    ],
  ])("%s", (id, reason) => {
    expect(reasonFor(GGUF, "Q4_K_M", fixtureModel(id))).toEqual(reason);
  });

  test("two models in one", () => {
    const weights = ["model", "backbone"].map((part) =>
      toWeight(`${part}.layers.0.self_attn.q_proj.weight`, [64, 64]),
    );
    expect(reasonFor(GGUF, "Q4_K_M", { weights, config: null })).toBe(
      "model.layers.0.self_attn.q_proj.weight and backbone.layers.0.self_attn.q_proj.weight would both be blk.0.attn_q.weight in GGUF",
    );
  });

  test("nothing at all", () => {
    expect(reasonFor(GGUF, "Q4_K_M", { weights: [], config: null })).toBe("no token embedding was found");
  });
});

test("an unknown tokenizer is assumed to be of usual size", () => {
  const weights = [toWeight("model.embed_tokens.weight", [77_777, 64])];
  const { assumptions, errorBand, bytes } = predicted("Q8_0", { weights, config: null });
  expect(assumptions).toEqual(["a tokenizer of usual size"]);
  expect((errorBand ?? 0) * bytes).toBeGreaterThan(25 * 77_777);
});

test("whatever the weights, the answer is whole bytes or a reason", () => {
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "model.embed_tokens.weight",
      "model.layers.0.mlp.experts.0.up_proj.weight",
      "model.layers.0.mlp.experts.gate_up_proj",
      "model.layers.0.block_sparse_moe.input_linear.weight",
      "model.layers.1.self_attn.kv_b_proj.weight",
      "model.layers.1.attention.wqkv.weight",
      "model.layers.1.mlp.down_proj.weight",
    ),
  );
  const weight = fc.tuple(
    name,
    fc.array(fc.nat(300), { maxLength: 4 }),
    fc.constantFrom("BF16", "U8"),
    fc.constantFrom(...ROLES),
  );
  const config = fc.option(
    fc.dictionary(
      fc.constantFrom("hidden_size", "num_attention_heads", "qk_nope_head_dim", "v_head_dim", "rope_scaling"),
      fc.oneof(fc.nat(300), fc.constant({ rope_type: "llama3" })),
    ),
  );
  fc.assert(
    fc.property(fc.array(weight), config, fc.constantFrom(...FILE_TYPES), (list, root, fileType) => {
      const weights = [["model.embed_tokens.weight", [300, 64], "BF16", "embedding"] as const, ...list].map(
        ([one, shape, dtype, role]) => ({ ...toWeight(one, shape), dtype, role }),
      );
      const model = { weights, config: root && buildConfig(root) };
      const isPredicted = reasonFor(GGUF, fileType, model) === null;
      expect(!isPredicted || Number.isSafeInteger(predicted(fileType, model).bytes)).toBe(true);
    }),
  );
});

function toWeight(name: string, shape: readonly number[]): Weight {
  return {
    name,
    shape,
    dtype: "BF16",
    role: "other",
    parameters: shape.reduce((product, dimension) => product * dimension, 1),
  };
}
