import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/format/tensor.ts";
import { unpackTensors } from "./unpack.ts";
import { configOf, fourBits, PLAIN, tensor, type Linear } from "./llama-like.ts";
import { gptqLinear, LINEARS, mlxLinear, packQuantizedLinear } from "./packed-linears.ts";

describe("what integers are not weights", () => {
  test.each([
    tensor("embeddings.position_ids", "I64", [1, 512]),
    tensor("h.0.attn.bias", "U8", [1, 1, 1024, 1024]),
    tensor("h.0.attn.bias", "BOOL", [1, 1, 1024, 1024]),
    tensor("layers.0.attn.relative_position_index", "I32", [49, 49]),
    tensor("layers.0.ffn.gate.tid2eid", "I32", [129_280, 6]),
    tensor("model.norm.weight", "BF16", [2048]),
  ])("$name", (buffer) => {
    expect(unpackTensors([buffer], null)).toEqual({
      tensors: [{ ...buffer, packing: null }],
      auxiliary: [],
      notes: [],
      certain: true,
    });
  });
});

describe("no silent wrong number", () => {
  const module = "model.layers.0.mlp.down_proj";
  /** The stored tensors with one shape replaced. */
  const bend = (linear: Linear, leaf: string, shape: readonly number[]): readonly Tensor[] =>
    linear(module, 2048, 8192).map((one) => (one.name === `${module}.${leaf}` ? { ...one, shape } : one));

  test.each([
    ["GPTQ, zero points disagree", bend(gptqLinear(fourBits), "qzeros", [64, 100]), { bits: 4 }],
    ["GPTQ, index disagrees", bend(gptqLinear(fourBits), "g_idx", [4096]), { bits: 4 }],
    ["GPTQ, scales disagree", bend(gptqLinear(fourBits), "scales", [60, 2048]), { bits: 4, group_size: 128 }],
    ["GPTQ, no neighbors", bend(gptqLinear(fourBits), "", []).slice(0, 1), { bits: 4 }],
    ["AWQ, scales disagree", bend(LINEARS.awq, "scales", [64, 100]), { bits: 4 }],
    ["bnb nf4, absmax disagrees", bend(LINEARS.bitsandbytes4, "weight.absmax", [1000]), {}],
    ["NVFP4, scales disagree", bend(LINEARS.modeloptNvfp4, "weight_scale", [2048, 500]), {}],
    ["NVFP4, no scales", LINEARS.modeloptNvfp4(module, 2048, 8192).slice(0, 1), {}],
    ["BitNet of another model", LINEARS.bitnet(module, 3000, 5000), { quant_method: "bitnet" }],
    ["MLX, group size of another model", mlxLinear(4, 64)(module, 2048, 8192), { bits: 3, group_size: 32 }],
    ["EXL3, signs disagree", bend(LINEARS.exl3, "suh", [1]), {}],
    ["EXL2, groups disagree", bend(LINEARS.exl2, "q_groups", [3]), {}],
    ["HQQ, scales disagree", bend(LINEARS.hqq, "scale", [77, 1]), {}],
    [
      "compressed-tensors, no width fits",
      packQuantizedLinear(3)(module, 2048, 8192),
      { bits: 4, group_size: 128 },
    ],
    ["VPTQ, no such module", LINEARS.vptq(module, 2048, 8192), { config_for_layers: {} }],
    ["two int4 in an I8", LINEARS.int8(module, 2048, 4096), {}],
    ["gpt-oss, no scales", [tensor("mlp.experts.down_proj_blocks", "U8", [8, 2048, 64, 16])], {}],
    ["dimensions that the config does not know", gptqLinear(fourBits)(module, 3200, 12_800), { bits: 4 }],
    ["scales without their weight", [tensor("experts.w13_weight_scale", "F32", [8, 4])], null],
    ["plain and packed at once", [...PLAIN(module, 2048, 8192), ...LINEARS.fpQuant(module, 2048, 8192)], {}],
    ["an integer matrix", [tensor(`${module}.weight`, "I32", [2048, 1024])], null],
    ["zero points without weights", [tensor(`${module}.qzeros`, "I32", [64, 256])], null],
    ["more than 2^53 weights", gptqLinear(fourBits)(module, 2 ** 40, 2 ** 30), { bits: 4 }],
  ] as const)("%s", (_, tensors, quantization) => {
    const unpacked = unpackTensors(tensors, configOf(quantization));
    expect(unpacked.certain).toBe(false);
    expect(unpacked.notes.map(({ code }) => code)).toEqual(["PACKING_UNKNOWN"]);
    expect(unpacked.tensors.map(({ name, shape }) => [name, shape])).toContainEqual([
      tensors[0]?.name,
      tensors[0]?.shape,
    ]);
  });

  test("names that objects have", () => {
    const hostile = [
      "__proto__",
      "constructor.__proto__",
      "toString.weight",
      "x.constructor",
      "x.bias",
      ".",
      "",
    ].map((name) => tensor(name, "F32", [2, 2]));
    expect(unpackTensors(hostile, configOf({ __proto__: { bits: 4 }, constructor: 3 })).tensors).toHaveLength(
      7,
    );
  });
});
