import { describe, expect, test } from "vitest";
import { parseQuantization } from "../../src/quant/registry.ts";
import { applySteps, parseSteps } from "../../src/reduce/steps.ts";
import { LEVELS_REQUEST, originalOf } from "./base-models.ts";

const apply = (id: string, recipe: string) =>
  applySteps(originalOf(id), parseSteps(recipe, parseQuantization), LEVELS_REQUEST);

test("pruned 2:4, then quantized: half the values, all scales, a bit a place", () => {
  const rows = apply("google/gemma-2b-it", "prune:2:4,quant:int4");
  const matrices = 18 * (2 * 2048 * 2048 + 2 * 256 * 2048 + 3 * 16_384 * 2048);
  const rest = 2_506_172_416 - matrices;
  const norms = 37 * 2048;
  // values at half a byte, half of them left; a scale for each 32; a bit a place; 16 bytes for each of 126 shapes
  const bytes = matrices / 4 + matrices / 16 + matrices / 8 + 126 * 16 + (rest - norms) * 0.5625 + 2 * norms;
  expect(rows.map(({ name }) => name)).toEqual(["prune:2:4", "quant:int4"]);
  expect(rows[1]?.sizes).toMatchObject([{ quantization: "int4", bytes, basis: "computed" }]);
  expect(rows[0]?.sizes[3]?.bytes).toBe(bytes);
});

test("each step stands on the one before", () => {
  const rows = apply(
    "google-bert/bert-base-uncased",
    "distill:half-layers,prune:heads:50,share:layers:1,quant:int8,lora:8",
  );
  const parameters = rows.map((row) => row.parameters ?? 0);
  const withoutHeads = 66_985_530 - 6 * (4 * 384 * 768 + 3 * 384);
  const layer = 7_087_872 - (4 * 384 * 768 + 3 * 384);
  expect(parameters.slice(0, 4)).toEqual([
    66_985_530,
    withoutHeads,
    withoutHeads - 5 * layer,
    withoutHeads - 5 * layer,
  ]);
  expect(parameters[4]).toBeGreaterThan(parameters[3] ?? 0); // an adapter adds
});

test("steps that do not touch each other may change positions", () => {
  const last = (recipe: string) => apply("mistralai/Mistral-7B-v0.1", recipe).at(-1);
  const sizes = (recipe: string) => last(recipe)?.sizes;
  expect(sizes("prune:heads:25,prune:width:25")).toEqual(sizes("prune:width:25,prune:heads:25"));
  expect(sizes("prune:2:4,prune:width:25")).toEqual(sizes("prune:width:25,prune:2:4"));
});

test("unshared layers are layers like any: half of them can go", () => {
  const [, half] = apply("albert/albert-base-v2", "share:unshared,prune:layers:50");
  expect(half?.parameters).toBe(11_812_272 + 5 * 7_087_872);
});

test("QLoRA: the model at 4 bits, the adapter at 16", () => {
  const [quantized, adapted] = apply("google/gemma-2b-it", "quant:int4,lora:8");
  const bytes = adapted?.sizes[0]?.bytes ?? 0;
  expect(adapted?.parameters).toBe(2_506_172_416 + 9_805_824);
  expect(bytes - (quantized?.sizes[0]?.bytes ?? 0)).toBe(19_644_664); // the fp16 file of that adapter
});

describe("a step that the model does not allow is the last row, with its reason", () => {
  test.each([
    [
      "google/gemma-2b-it",
      "quant:int4,lora:300",
      "rank 300 is above the matrix: model.layers.0.self_attn.k_proj is 256 × 2048, of rank 256 at most",
    ],
    ["google/gemma-2b-it", "share:tied,quant:int4", "its head is tied already"],
    ["google/gemma-2b-it", "prune:50,quant:Q4_K_M", "gguf files cannot hold sparse weights"],
    [
      "meta-llama/Llama-2-7b-hf",
      "prune:2:4,quant:ct:w4a16",
      "the sparse layouts of compressed-tensors are not computed here",
    ],
    [
      "albert/albert-base-v2",
      "share:unshared,quant:Q4_K_M", // what nobody knows the size of is no success
      "llama.cpp does not map albert.embeddings.word_embeddings.weight of albert",
    ],
    ["google/gemma-2b-it", "share:layers:1,quant:mlx:4bit", "the tools of mlx write every layer"],
    [
      "google-t5/t5-base",
      "prune:heads:25,share:layers:1",
      "its layers are not alike: encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
    ],
    [
      "google-bert/bert-base-uncased",
      "prune:50,distill:half-layers",
      "a student begins with all its weights: distill first, then prune",
    ],
    [
      "google-bert/bert-base-uncased",
      "share:layers:6,prune:layers:50",
      "its layers are shared: with fewer of them it is faster, not smaller",
    ],
    [
      "google/gemma-4-31B-it",
      "prune:heads:40",
      "layers differ in how heads share keys: 40 % is not the same number of heads in each",
    ],
    // a third of 4096 less: no longer whole groups of four
    [
      "bigscience/bloom-560m",
      "prune:2:4,prune:width:33",
      "2:4 takes two of every four weights of a row, and those of transformer.h.0.mlp.dense_4h_to_h.weight have 2745",
    ],
  ])("%s, %s", (id, recipe, reason) => {
    const last = apply(id, recipe).at(-1);
    expect(last).toMatchObject({ reason, parameters: null, sizes: [] });
  });
});

test("a structurally pruned model is written by tools like any other", () => {
  const [, quantized] = apply("google/gemma-2b-it", "prune:layers:50,quant:Q4_K_M");
  expect(quantized?.sizes[0]).toMatchObject({ quantization: "gguf:Q4_K_M", basis: "predicted" });
  expect(quantized?.sizes[0]?.bytes).toBeLessThan(1.63e9);
});
