import { expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import { BITSANDBYTES } from "../../src/quant/bitsandbytes.ts";
import { computeSafetensorsBytes, type StoredTensor } from "../../src/quant/safetensors-file.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const embedding = weightOf("model.embed_tokens.weight", 10, 100);
const layer = weightOf("model.layers.0.mlp.up_proj.weight", 50, 100);
const tiny = modelOf({ model_type: "llama", architectures: ["LlamaForCausalLM"] }, embedding, layer);
const kept: StoredTensor = { name: embedding.name, dtype: "BF16", shape: [10, 100] };
const plainState = '{"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [50, 100]}';

test("NF4: half a byte a weight, a scale in 32 bits a block of 64, a map of 16 and a state", () => {
  expect(predictWith(BITSANDBYTES, "nf4", tiny).bytes).toBe(
    computeSafetensorsBytes([
      kept,
      { name: layer.name, dtype: "U8", shape: [2500, 1] },
      { name: `${layer.name}.absmax`, dtype: "F32", shape: [79] },
      { name: `${layer.name}.quant_map`, dtype: "F32", shape: [16] },
      { name: `${layer.name}.quant_state.bitsandbytes__nf4`, dtype: "U8", shape: [plainState.length] },
    ]),
  );
});

test.each([
  ["nf4", 4.5],
  ["fp4", 4.5],
  ["nf4-dq", 4.127],
  ["int8", 8],
])("%s is %d bits a weight of a block", (name, bits) => {
  const large = weightOf("model.layers.0.mlp.up_proj.weight", 8192, 8192);
  const { bytes } = predictWith(BITSANDBYTES, name, modelOf({ model_type: "llama" }, large));
  expect((bytes * 8) / large.parameters).toBeCloseTo(bits, 2);
});

test("Llama-3.1-8B in 8 bits: arrays of 9,086,705,888 bytes", () => {
  const { bytes } = predictWith(BITSANDBYTES, "int8", fixtureModel("meta-llama/Llama-3.1-8B-Instruct"));
  expect(bytes - 9_086_705_888).toBeGreaterThan(0);
  expect(bytes - 9_086_705_888).toBeLessThan(100_000);
});

test("stacked experts are no linear layers to transformers, so most of gpt-oss would stay as it is", () => {
  expect(reasonFor(BITSANDBYTES, "nf4", fixtureModel("openai/gpt-oss-20b"))).toBe(
    "97 % of the weights, such as model.layers.0.mlp.experts.gate_up_proj, would stay unquantized",
  );
});

test("modules that config.json lists stay in 16 bits: Orpheus-3B of unsloth, 2,456,339,440 bytes", () => {
  const { weights, config } = fixtureModel("meta-llama/Llama-3.2-3B-Instruct");
  const vocabulary = 156_940; // Orpheus has tokens for sound.
  const orpheus = {
    weights: weights.map((weight) =>
      weight.role === "embedding"
        ? { ...weight, shape: [vocabulary, 3072], parameters: vocabulary * 3072 }
        : weight,
    ),
    config: buildConfig({
      ...config?.root,
      quantization_config: { llm_int8_skip_modules: ["lm_head", "model.layers.0.self_attn"] },
    }),
  };
  const { bytes } = predictWith(BITSANDBYTES, "unsloth-4bit", orpheus);
  expect(Math.abs(bytes - 2_456_339_440)).toBeLessThan(100);
  expect(predictWith(BITSANDBYTES, "nf4-dq", orpheus).bytes).toBe(bytes);
});

test("unsloth's choice of layers is known from config.json alone", () => {
  expect(reasonFor(BITSANDBYTES, "unsloth-4bit", tiny)).toContain("config.json of this model does not list");
});
