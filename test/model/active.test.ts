import { describe, expect, test } from "vitest";
import { countActive as countBoth } from "../../src/model/active.ts";
import { classifyTensors } from "./classify.ts";
import { buildConfig } from "../../src/format/config.ts";
import { examineCheckpoint, examineReal, tensor } from "./real-models.ts";

const countActive = (...given: Parameters<typeof countBoth>) => countBoth(...given).active;

test.each([
  // Each layer leaves out the experts that a token does not visit.
  // 32 layers, 8 experts of 3 × 4096 × 14336, 2 used: 46,702,792,704 − 32 × 6 × 176,160,768
  ["mistralai/Mixtral-8x7B-v0.1", 12_879_925_248],
  // 48 layers, 128 experts of 3 × 2048 × 768, 8 used: 30,532,122,624 − 48 × 120 × 4,718,592
  ["Qwen/Qwen3-30B-A3B", 3_353_032_704],
  // 24 layers, 32 experts of 2880 × 5760 + 5760 + 2880 × 2880 + 2880, 4 used: 20,914,757,184 − 24 × 28 × 24,891,840
  ["openai/gpt-oss-20b", 4_187_440_704],
  // 26 layers, 64 experts of 3 × 2048 × 1408, 6 used beside the shared ones: 15,706,484,224 − 26 × 58 × 8,650,752
  ["deepseek-ai/DeepSeek-V2-Lite", 2_661_150_208],
  // Without experts, everything.
  ["google/gemma-7b", 8_537_680_896],
])("%s uses %i", (id, active) => {
  const { classified, config } = examineReal(id);
  expect(countActive(classified.weights, config)).toBe(active);
});

test.each([
  // 2 layers, 4 experts of 3 × 32 × 64, 2 used: 63,904 − 2 × 2 × 6,144
  ["mixtral", 39_328],
  // 2 layers, 4 experts of 32 × 128 + 128 + 64 × 32 + 32, 2 used: 65,392 − 2 × 2 × 6,304
  ["gpt_oss", 40_176],
  // 2 of the 3 layers, 4 experts of 3 × 32 × 16, 2 used beside a shared one: 43,328 − 2 × 2 × 1,536
  ["deepseek_v3", 37_184],
])("the small %s uses %i", async (id, active) => {
  const { classified, config } = await examineCheckpoint(id);
  expect(countActive(classified.weights, config)).toBe(active);
});

describe("is unknown, never a guess", () => {
  const experts = (count: number) =>
    Array.from({ length: count }, (_, expert) =>
      tensor(`layers.0.mlp.experts.${expert}.up_proj.weight`, [6, 4]),
    );
  const active = (config: object | null, tensors = experts(4)) => {
    const described = config && buildConfig(config as Record<string, unknown>);
    const { weights } = classifyTensors([{ folder: "", tensors, config: described }]);
    return countActive(weights, described);
  };

  test.each([
    ["two of four experts", { num_experts_per_tok: 2, num_experts: 4 }, 48],
    ["as many as there are", { num_experts_per_tok: 4 }, 96],
    ["in the text part", { text_config: { num_experts_per_tok: 1 } }, 24],
    ["beside the text part", { text_config: {}, num_experts_per_tok: 1 }, 24],
    ["Hunyuan's key", { moe_topk: 1 }, 24],
    ["no config", null, null],
    ["no word of how many", { num_experts: 4 }, null],
    ["none", { num_experts_per_tok: 0 }, null],
    ["not a number", { num_experts_per_tok: "2" }, null],
    ["more than there are", { num_experts_per_tok: 5 }, null],
    ["others than the config names", { num_experts_per_tok: 2, num_experts: 8 }, null],
  ])("%s", (_what, config, expected) => {
    expect(active(config)).toBe(expected);
  });

  test("experts of unequal size", () => {
    expect(
      active({ num_experts_per_tok: 1 }, [
        ...experts(1),
        tensor("layers.0.mlp.experts.1.up_proj.weight", [5, 3]),
      ]),
    ).toBeNull();
  });

  test("experts that the config names and no weight shows", () => {
    const tensors = [tensor("layers.0.moe.bank", [24, 4])];
    expect(active({ num_experts_per_tok: 2, num_local_experts: 4 }, tensors)).toBeNull();
    expect(active({ num_local_experts: 1 }, tensors)).toBe(96);
  });

  test("rows that are no whole experts", () => {
    const tensors = [tensor("transformer.blocks.0.ffn.experts.mlp.w1", [16 * 10 + 1, 8])];
    expect(active({ num_experts_per_tok: 4, num_experts: 16 }, tensors)).toBeNull();
  });

  test("a list that does not reach a layer", () => {
    const layers = experts(4).map(({ name, shape }) => tensor(name.replace("layers.0", "layers.2"), shape));
    expect(active({ num_experts: 4, moe_topk: [1, 2] }, layers)).toBeNull();
    expect(active({ num_experts: 4, moe_topk: [1, 2, 3] }, layers)).toBe(72);
    expect(active({ num_experts: 4, moe_topk: [3] }, layers)).toBe(72);
  });
});

test("ibm-granite/granite-3.0-1b-a400m-base: stacked experts of another name", () => {
  const tensors = [0, 1].flatMap((layer) => [
    tensor(`model.layers.${layer}.block_sparse_moe.input_linear.weight`, [32, 8, 4]),
    tensor(`model.layers.${layer}.block_sparse_moe.output_linear.weight`, [32, 4, 4]),
    tensor(`model.layers.${layer}.block_sparse_moe.router.layer.weight`, [32, 4]),
  ]);
  const config = buildConfig({ num_experts_per_tok: 8, num_local_experts: 32 });
  const { weights } = classifyTensors([{ folder: "", tensors, config }]);
  expect(countActive(weights, config)).toBe(2 * (8 * 32 + 8 * 16 + 32 * 4));
});

test.each([
  ["databricks/dbrx-base", "transformer.blocks.0.ffn.experts.mlp.w1", [16 * 10, 8], 16, 4 * 10 * 8],
  ["google/switch-base-8", "encoder.block.1.layer.1.mlp.experts.expert_0.wi.weight", [6, 4], 1, 24],
  ["stepfun-ai/Step-3.5-Flash", "model.layers.3.moe.gate_proj.weight", [16, 8, 4], 16, 4 * 8 * 4],
  ["jetmoe/jetmoe-8b", "model.layers.0.self_attention.experts.input_linear.weight", [16, 8, 4], 16, 128],
])("%s: %s", (_model, name, shape, experts, expected) => {
  const config = buildConfig({ num_experts_per_tok: Math.min(4, experts), num_experts: experts });
  const { weights } = classifyTensors([{ folder: "", tensors: [tensor(name, shape)], config }]);
  expect(weights[0]?.role).toBe("experts");
  expect(countActive(weights, config)).toBe(expected);
});

test("stacks are recognized by shape, their biases by name, and convolutions are none", () => {
  const config = buildConfig({ num_experts_per_tok: 2, num_experts: 8 });
  const tensors = [
    tensor("layers.0.moe.up_proj", [8, 6, 4]),
    tensor("layers.0.moe.up_proj_bias", [8, 6]),
    tensor("layers.0.moe.gate.weight", [8, 4]),
    tensor("layers.0.mixer.conv1d.weight", [8, 1, 4]),
  ];
  const { weights } = classifyTensors([{ folder: "", tensors, config }]);
  expect(weights.map(({ role }) => role)).toEqual(["experts", "experts", "router", "attention"]);
});

test("papers leave out lookups and towers, and keep an embedding that is the head", () => {
  const count = (...names: readonly string[]) => {
    const tensors = names.map((name) => tensor(name, [10, 4]));
    const config = buildConfig({ tie_word_embeddings: false });
    return countBoth(classifyTensors([{ folder: "", tensors, config }]).weights, config);
  };
  const layer = "model.layers.0.mlp.up_proj.weight";
  expect(count("model.embed_tokens.weight", "lm_head.weight", layer)).toEqual({
    active: 120,
    activeNonEmbedding: 80,
  });
  expect(count("model.embed_tokens.weight", layer)).toEqual({ active: 80, activeNonEmbedding: 80 });
  expect(count("model.embed_tokens_per_layer.weight", "vision_tower.layer.weight", layer)).toEqual({
    active: 120,
    activeNonEmbedding: 40,
  });
});

test("layers for multi-token prediction are never active", () => {
  const config = buildConfig({ num_hidden_layers: 1, num_nextn_predict_layers: 1 });
  const tensors = [0, 1].map((layer) => tensor(`model.layers.${layer}.mlp.up_proj.weight`, [4, 4]));
  const { weights } = classifyTensors([{ folder: "", tensors, config }]);
  expect(countBoth(weights, config)).toEqual({ active: 16, activeNonEmbedding: 16 });
});

test("jetmoe/jetmoe-8b: experts of the attention, and a bias that they share", () => {
  const config = buildConfig({ num_local_experts: 8, num_experts_per_tok: 2 });
  const tensors = [
    tensor("layers.0.self_attention.experts.bias", [16]),
    tensor("layers.0.self_attention.experts.input_linear.weight", [8, 32, 16]),
    tensor("layers.0.mlp.output_linear.weight", [8, 16, 32]),
  ];
  const { weights } = classifyTensors([{ folder: "", tensors, config }]);
  expect(countActive(weights, config)).toBe(16 + 2 * 32 * 16 + 2 * 16 * 32);
});
