import { expect, test } from "vitest";
import { MLX } from "../../src/quant/mlx.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, reasonFor, weightOf } from "./tiny-model.ts";

const QWEN3 = { model_type: "qwen3", architectures: ["Qwen3ForCausalLM"] };

test.each([
  ["2bit", 2.5],
  ["3bit", 3.5],
  ["4bit", 4.5],
  ["5bit", 5.5],
  ["6bit", 6.5],
  ["8bit", 8.5],
  ["4bit-g32", 5],
  ["4bit-g128", 4.25],
  ["mxfp4", 4.25],
  ["nvfp4", 4.5],
])("%s is %d bits a weight", (name, bits) => {
  const layer = weightOf("model.layers.0.mlp.up_proj.weight", 8192, 8192);
  const { bytes } = predictWith(MLX, name, modelOf(QWEN3, layer));
  expect((bytes * 8) / layer.parameters).toBeCloseTo(bits, 3);
});

test("Qwen3-14B at 4 bits has arrays of 8,307,783,680 bytes, as mlx-community publishes it", () => {
  const L = 40;
  const hidden = 5120;
  const block = (index: number) =>
    Object.entries({
      "self_attn.q_proj.weight": [hidden, hidden],
      "self_attn.k_proj.weight": [1024, hidden],
      "self_attn.v_proj.weight": [1024, hidden],
      "self_attn.o_proj.weight": [hidden, hidden],
      "self_attn.q_norm.weight": [128],
      "self_attn.k_norm.weight": [128],
      "mlp.gate_proj.weight": [17_408, hidden],
      "mlp.up_proj.weight": [17_408, hidden],
      "mlp.down_proj.weight": [hidden, 17_408],
      "input_layernorm.weight": [hidden],
      "post_attention_layernorm.weight": [hidden],
    }).map(([name, shape]) => weightOf(`model.layers.${index}.${name}`, ...shape));
  const subject = modelOf(
    QWEN3,
    weightOf("model.embed_tokens.weight", 151_936, hidden),
    ...Array.from({ length: L }, (_, index) => block(index)).flat(),
    weightOf("model.norm.weight", hidden),
    weightOf("lm_head.weight", 151_936, hidden),
  );
  const headerBytes = predictWith(MLX, "4bit", subject).bytes - 8_307_783_680;
  expect(headerBytes).toBeGreaterThan(90_000);
  expect(headerBytes).toBeLessThan(130_000);
});

test("rows that are no whole groups stay as they are", () => {
  const others = weightOf("model.layers.0.mlp.down_proj.weight", 96, 1024);
  const narrow = modelOf(QWEN3, weightOf("model.layers.0.mlp.up_proj.weight", 1000, 96), others);
  expect(predictWith(MLX, "4bit", narrow).bytes).toBeGreaterThan(1000 * 96 * 2);
  expect(predictWith(MLX, "4bit-g32", narrow).bytes).toBeLessThan(2 * 1000 * 96);
});

test("routers are given 8 bits, except DeepSeek's, which stay", () => {
  const router = weightOf("model.layers.0.mlp.gate.weight", 1024, 1024);
  const layer = weightOf("model.layers.0.mlp.up_proj.weight", 1024, 2048);
  const bytesFor = (modelType: string) =>
    predictWith(MLX, "4bit", modelOf({ ...QWEN3, model_type: modelType }, router, layer)).bytes -
    predictWith(MLX, "4bit", modelOf(QWEN3, layer)).bytes;
  expect(bytesFor("qwen3_moe")).toBeCloseTo(1024 * 1024 * (8.5 / 8), -3);
  expect(bytesFor("deepseek_v2")).toBeCloseTo(1024 * 1024 * 2, -3);
});

test("experts are stacked, which saves headers", () => {
  const { bytes } = predictWith(MLX, "4bit", fixtureModel("Qwen/Qwen3-30B-A3B"));
  expect(bytes / 30_532_122_624).toBeCloseTo(4.5 / 8, 3);
  const arrays = (30_532_122_624 * 4.5) / 8;
  expect(bytes - arrays).toBeLessThan(30_000_000);
});

test("a model in 32 bits keeps scales as wide", () => {
  const weights = [weightOf("model.layers.0.mlp.up_proj.weight", 1024, 1024)];
  const wide = predictWith(MLX, "4bit", modelOf({ ...QWEN3, torch_dtype: "float32" }, ...weights)).bytes;
  expect(wide - predictWith(MLX, "4bit", modelOf(QWEN3, ...weights)).bytes).toBeCloseTo(1024 * 16 * 4, -2);
});

test("nothing is predicted for encoders", () => {
  for (const id of ["google-bert/bert-base-uncased", "openai/whisper-tiny"])
    expect(reasonFor(MLX, "4bit", fixtureModel(id))).not.toBeNull();
});
