import { describe, expect, test } from "vitest";
import { buildConfig } from "../../src/format/config.ts";
import {
  classifyArchitecture,
  findHead,
  readLayerCount,
  readLinearLayer,
  refuseMostlyWide,
  withSeparateHead,
} from "../../src/quant/layers.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, weightOf } from "./tiny-model.ts";

describe("readLinearLayer", () => {
  test.each([
    ["model.layers.0.self_attn.q_proj.weight", [8, 4], { matrices: 1, outputs: 8, inputs: 4 }],
    ["bert.encoder.layer.0.output.dense.weight", [8, 4], { matrices: 1, outputs: 8, inputs: 4 }],
    ["model.layers.0.mlp.experts.gate_up_proj", [2, 8, 4], { matrices: 2, outputs: 8, inputs: 4 }],
    ["model.layers.0.mlp.experts.7.up_proj.weight", [8, 4], { matrices: 1, outputs: 8, inputs: 4 }],
    ["model.layers.0.mlp.experts.gate_up_proj_bias", [2, 8], null],
    ["model.layers.0.mlp.gate.weight", [8, 4], null],
    ["model.layers.0.self_attn.q_proj.bias", [8], null],
    ["model.embed_tokens.weight", [8, 4], null],
    ["lm_head.weight", [8, 4], null],
    ["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [32, 12], null],
    ["model.visual.blocks.0.attn.proj.weight", [8, 4], null],
    ["model.layers.0.mixer.conv1d.weight", [8, 1, 4], null],
  ])("%s", (name, shape, layer) => {
    const read = readLinearLayer(weightOf(name, ...shape), null);
    expect(read).toEqual(layer && { name, ...layer });
  });

  test("gpt2 stores inputs before outputs", () => {
    const read = readLinearLayer(
      weightOf("h.0.mlp.c_fc.weight", 768, 3072),
      buildConfig({ model_type: "gpt2" }),
    );
    expect(read).toMatchObject({ outputs: 3072, inputs: 768 });
  });
});

describe("classifyArchitecture", () => {
  test.each([
    ["google/gemma-2b-it", "decoder"],
    ["openai-community/gpt2", "decoder"],
    ["bigscience/bloom-560m", "decoder"],
    ["openai/gpt-oss-20b", "decoder"],
    ["google-bert/bert-base-uncased", "encoder"],
    ["distilbert/distilbert-base-uncased", "encoder"],
    ["openai/whisper-tiny", "encoder-decoder"],
    ["google-t5/t5-base", "encoder-decoder"],
    ["facebook/bart-base", "encoder-decoder"],
    ["google/gemma-3-4b-it", "multimodal"],
    ["Qwen/Qwen2.5-VL-7B-Instruct", "multimodal"],
    ["openai/clip-vit-large-patch14", "unknown"],
  ])("%s is a %s", (id, stack) => expect(classifyArchitecture(fixtureModel(id))).toBe(stack));

  test("nothing known is unknown", () =>
    expect(classifyArchitecture({ weights: [], config: null })).toBe("unknown"));
});

describe("the head", () => {
  const embedding = weightOf("model.embed_tokens.weight", 100, 8);
  const head = weightOf("lm_head.weight", 104, 8);

  test("may be padded", () => expect(findHead([embedding, head])).toBe(head));
  test("is no classifier", () =>
    expect(findHead([embedding, weightOf("classifier.weight", 2, 8)])).toBeNull());
  test("is not what stands before it: FacebookAI/roberta-base", () =>
    expect(findHead([embedding, weightOf("lm_head.dense.weight", 8, 8)])).toBeNull());
  test("is added once where it is tied", () => {
    expect(withSeparateHead([embedding], true)).toHaveLength(2);
    expect(withSeparateHead([embedding], false)).toEqual([embedding]);
    expect(withSeparateHead([embedding, head], true)).toEqual([embedding, head]);
    expect(withSeparateHead([], true)).toEqual([]);
  });
});

test.each([
  [{ num_hidden_layers: 2 }, 2],
  [{ n_layers: 1 }, 1],
  [{ num_hidden_layers: 3 }, null],
  [{ num_hidden_layers: 1e15 }, null],
  [{ num_hidden_layers: "2" }, null],
  [{}, null],
])("readLayerCount of %j", (config, layers) => {
  expect(readLayerCount(modelOf(config, weightOf("a", 1), weightOf("b", 1)))).toBe(layers);
});

describe("refuseMostlyWide", () => {
  const embedding = weightOf("model.embed_tokens.weight", 1000, 8);
  const attention = weightOf("model.layers.0.self_attn.q_proj.weight", 8, 8);
  // Step-3.5-Flash before its stacks were known.
  const stack = weightOf("model.layers.0.moe.up_proj", 4, 8, 8);

  test("names the largest weight that would stay", () => {
    expect(refuseMostlyWide([embedding, attention, stack], new Set([attention]))?.reason).toBe(
      "80 % of the weights, such as model.layers.0.moe.up_proj, would stay unquantized",
    );
  });

  test("does not count embeddings, of which small models consist", () => {
    expect(refuseMostlyWide([embedding, attention, stack], new Set([stack]))).toBeNull();
  });
});
