import { describe, expect, test } from "vitest";
import type { BlockType } from "../../../src/format/gguf/block-types.ts";
import type { FileType } from "../../../src/quant/gguf/file-types.ts";
import { chooseBlockType } from "../../../src/quant/gguf/mix.ts";
import type { GgufOptions, TensorTraits } from "../../../src/quant/gguf/kind-rules.ts";
import type { ModelTraits } from "../../../src/quant/gguf/model-traits.ts";

const llama: ModelTraits = {
  layers: 32,
  experts: 1,
  gqaRatio: 4,
  valueTensors: 32,
  hasHead: true,
  hasDownBias: false,
  isFalcon: false,
  is70B: false,
};
const mixtral = { ...llama, experts: 8 };
const tied = { ...llama, hasHead: false };
const llama70B = { ...llama, layers: 80, valueTensors: 80, gqaRatio: 8, is70B: true };
const falcon = { ...llama, isFalcon: true };

function choose(
  fileType: FileType,
  model: ModelTraits,
  tensor: Partial<TensorTraits>,
  { imatrix = true, ...choice }: Partial<GgufOptions> = {},
): BlockType {
  const options = {
    fileType,
    imatrix,
    era: "2025",
    headType: null,
    embeddingType: null,
    chosenTypes: new Map(),
    isFromF32: false,
    ...choice,
  } as const;
  return chooseBlockType(options, model, {
    name: "blk.0.attn_norm.weight",
    columns: 4096,
    isExperts: false,
    index: 0,
    layer: 0,
    ...tensor,
  });
}

describe("the mix of", () => {
  test.each<[FileType, string, ModelTraits, string, number, BlockType]>([
    ["Q4_0", "a head", llama, "output.weight", 0, "Q6_K"],
    ["Q8_0", "a head", llama, "output.weight", 0, "Q8_0"],
    ["IQ2_XS", "a head", llama, "output.weight", 0, "Q5_K"],
    ["Q4_K_M", "falcon's head", falcon, "output.weight", 0, "Q8_0"],
    ["Q4_0", "a tied embedding", tied, "token_embd.weight", 0, "Q6_K"],
    ["Q4_0", "an embedding", llama, "token_embd.weight", 0, "Q4_0"],
    ["IQ1_S", "an embedding", llama, "token_embd.weight", 0, "Q2_K"],
    ["TQ1_0", "an embedding", llama, "token_embd.weight", 0, "Q4_K"],
    ["Q4_K_M", "values, first eighth", llama, "blk.3.attn_v.weight", 3, "Q6_K"],
    ["Q4_K_M", "values, one of three", llama, "blk.6.attn_v.weight", 6, "Q6_K"],
    ["Q4_K_M", "values between", llama, "blk.7.attn_v.weight", 7, "Q4_K"],
    ["Q4_K_M", "values of a 70B", llama70B, "blk.11.attn_v.weight", 11, "Q5_K"],
    ["Q4_K_M", "values of eight experts", mixtral, "blk.0.attn_v.weight", 0, "Q8_0"],
    ["Q3_K_M", "the second values", llama, "blk.1.attn_v.weight", 1, "Q5_K"],
    ["Q3_K_M", "the third values", llama, "blk.2.attn_v.weight", 2, "Q4_K"],
    ["Q2_K", "shared values", llama, "blk.9.attn_v.weight", 9, "Q4_K"],
    ["IQ3_XXS", "keys", llama, "blk.0.attn_k.weight", 0, "IQ2_S"],
    ["IQ3_XS", "queries", llama, "blk.0.attn_q.weight", 0, "IQ3_XXS"],
    ["Q4_K_S", "down, fourth layer", llama, "blk.3.ffn_down.weight", 3, "Q5_K"],
    ["Q4_K_S", "down, fifth layer", llama, "blk.4.ffn_down.weight", 4, "Q4_K"],
    ["Q4_K_M", "falcon's down", falcon, "blk.2.ffn_down.weight", 2, "Q5_K"],
    ["Q2_K", "attention's output", llama, "blk.0.attn_output.weight", 0, "Q3_K"],
    ["Q2_K", "output of eight experts", mixtral, "blk.0.attn_output.weight", 0, "Q5_K"],
    ["Q5_K_M", "fused attention", llama, "blk.0.attn_qkv.weight", 0, "Q6_K"],
    ["IQ3_XS", "gate, first eighth", llama, "blk.3.ffn_gate.weight", 3, "IQ3_S"],
    ["IQ3_XS", "gate between", llama, "blk.4.ffn_gate.weight", 4, "IQ3_XXS"],
    ["IQ2_M", "down, fourth layer", llama, "blk.3.ffn_down.weight", 3, "IQ3_S"],
    ["IQ1_M", "attention's output", llama, "blk.0.attn_output.weight", 0, "IQ2_XXS"],
    ["MXFP4_MOE", "anything but experts", llama, "blk.0.attn_q.weight", 0, "Q8_0"],
  ])("%s: %s", (fileType, _what, model, name, index, type) => {
    expect(choose(fileType, model, { name, index, layer: index })).toBe(type);
  });
});

test("experts are counted by layer, not by tensor", () => {
  const tensor = { name: "blk.3.ffn_down_exps.weight", index: 6, layer: 3, isExperts: true };
  expect(choose("Q4_K_S", { ...llama, experts: 128 }, tensor)).toBe("Q5_K");
  expect(choose("MXFP4_MOE", { ...llama, experts: 128 }, tensor)).toBe("MXFP4");
});

describe("an importance matrix", () => {
  test.each<[FileType, BlockType, BlockType]>([
    ["Q4_0", "Q4_1", "Q4_0"],
    ["Q5_0", "Q5_1", "Q5_0"],
    ["IQ4_XS", "IQ4_XS", "Q5_K"],
    ["IQ4_NL", "IQ4_NL", "Q5_K"],
    ["Q4_K_M", "Q6_K", "Q6_K"],
  ])("%s: the first ffn_down is %s with and %s without", (fileType, withIt, without) => {
    const name = "blk.0.ffn_down.weight";
    expect([
      choose(fileType, llama, { name }),
      choose(fileType, llama, { name }, { imatrix: false }),
    ]).toEqual([withIt, without]);
  });
});

describe("rows a type does not divide", () => {
  test.each<[FileType, number, BlockType]>([
    ["Q6_K", 576, "Q8_0"], // SmolLM2-135M
    ["Q5_K_S", 576, "Q5_1"],
    ["Q4_K_S", 576, "Q5_0"],
    ["IQ4_XS", 576, "IQ4_NL"],
    ["Q2_K", 576, "IQ4_NL"],
    ["Q8_0", 80, "F16"],
    ["Q4_0", 80, "F16"],
  ])("%s and %i columns", (fileType, columns, type) => {
    expect(choose(fileType, llama, { name: "blk.9.attn_q.weight", columns })).toBe(type);
  });

  test("the head falls back to 8 bits", () => {
    expect(choose("Q4_K_M", llama, { name: "output.weight", columns: 2880 })).toBe("Q8_0"); // gpt-oss-20b
  });
});
