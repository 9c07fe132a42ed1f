import { describe, expect, test } from "vitest";
import type { Weight } from "../../src/model/weight.ts";
import { LEVELS } from "../../src/quant/levels.ts";
import { computeSparseBytes, countSparse, refuseSparsity, type Sparsity } from "../../src/reduce/sparsity.ts";

function weight(name: string, shape: readonly number[], role: Weight["role"] = "mlp"): Weight {
  return { name, shape, dtype: "BF16", role, parameters: shape.reduce((product, size) => product * size, 1) };
}

const modelOf = (...weights: readonly Weight[]) => ({ weights, config: null });

/** Four rows of 40. */
const MATRIX = weight("model.layers.0.mlp.up_proj.weight", [4, 40]);
const half = (storage: "bitmask" | "csr" | "dense"): Sparsity => ({
  pattern: "unstructured",
  percent: 50,
  storage,
});
const scales = { int8: 2 * 4, int4: 2 * 4 * 2 };

test.each<[string, Sparsity, ...number[]]>([
  // what                   fp32                      fp16                      int8                              int4
  ["dense", half("dense"), 4 * 160, 2 * 160, 160 + scales.int8, 80 + scales.int4],
  // 5 bytes of bits and 8 of offset a row, 16 for the shape
  ["bitmask", half("bitmask"), 320 + 68, 160 + 68, 80 + scales.int8 + 68, 40 + scales.int4 + 68],
  // 4 bytes a column index, 4 for each of 5 row pointers
  ["csr", half("csr"), 320 + 340, 160 + 340, 80 + scales.int8 + 340, 40 + scales.int4 + 340],
  // 5 bytes of bits a row, 16 for the shape: no offsets, as every row has as many
  ["2:4", { pattern: "2:4" }, 320 + 36, 160 + 36, 80 + scales.int8 + 36, 40 + scales.int4 + 36],
])("a matrix of four rows of 40, half of it zero: %s", (_, sparsity, ...bytes) => {
  expect(LEVELS.map((level) => computeSparseBytes(level, modelOf(MATRIX), sparsity))).toEqual(bytes);
  expect(countSparse(modelOf(MATRIX), sparsity)).toBe(80);
});

describe("what stays whole", () => {
  test.each([
    weight("model.embed_tokens.weight", [40, 4], "embedding"),
    weight("lm_head.weight", [40, 4], "head"),
    weight("model.layers.0.input_layernorm.weight", [40], "norm"),
    weight("model.layers.0.mlp.gate.weight", [4, 40], "router"),
  ])("$name", (whole) => {
    expect(countSparse(modelOf(whole), half("bitmask"))).toBe(whole.parameters);
    expect(computeSparseBytes("fp16", modelOf(whole), half("bitmask"))).toBe(2 * whole.parameters);
  });
});

test("stacked experts are as many matrices", () => {
  const experts = weight("model.layers.0.mlp.experts.gate_up_proj", [3, 4, 40], "experts");
  expect(computeSparseBytes("fp16", modelOf(experts), half("bitmask"))).toBe(480 + 3 * 68);
});

test("what a pruner takes is rounded, array by array", () => {
  const odd = weight("model.layers.0.mlp.up_proj.weight", [3, 5]);
  expect(countSparse(modelOf(odd), { pattern: "unstructured", percent: 90, storage: "csr" })).toBe(15 - 14);
});

describe("2:4 takes whole groups of four", () => {
  test("rows of 40", () => expect(refuseSparsity(modelOf(MATRIX), { pattern: "2:4" })).toBeNull());
  test("rows of 42", () => {
    const matrix = weight("model.layers.0.mlp.up_proj.weight", [4, 42]);
    expect(refuseSparsity(modelOf(matrix), { pattern: "2:4" })?.reason).toMatch(/up_proj.weight have 42$/);
  });
  test("no rows at all", () => {
    expect(refuseSparsity(modelOf(), { pattern: "2:4" })?.reason).toBe(
      "there are no linear layers in its transformer blocks",
    );
  });
});
