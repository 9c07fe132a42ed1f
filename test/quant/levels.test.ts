import fc from "fast-check";
import { expect, test } from "vitest";
import type { Weight } from "../../src/model/weight.ts";
import type { Role } from "../../src/contract/terms.ts";
import { LEVEL, LEVELS, LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { computeSize } from "../../src/quant/sizes.ts";
import { predictWith } from "./tiny-model.ts";

function computeLevelBytes(level: string, weights: readonly Weight[]): number {
  return predictWith(LEVEL, level, { weights, config: null }).bytes;
}

function weight(shape: readonly number[], role: Role = "mlp", name = "layer.weight"): Weight {
  return { name, shape, dtype: "BF16", role, parameters: shape.reduce((product, size) => product * size, 1) };
}

const bias = "model.layers.0.mlp.experts.gate_up_proj_bias";

test.each([
  // what                                             fp32        fp16        int8        int4
  ["a matrix of whole groups", weight([4, 64]), 1024, 512, 256 + 2 * 4, 128 + 2 * 4 * 2],
  ["a row of one group and one weight", weight([4, 33]), 528, 264, 132 + 2 * 4, 66 + 2 * 4 * 2],
  ["a row shorter than a group", weight([5, 7]), 140, 70, 35 + 2 * 5, 18 + 2 * 5],
  ["odd rows share bytes, rounded up per tensor", weight([3, 5]), 60, 30, 15 + 2 * 3, 8 + 2 * 3],
  ["one row", weight([1, 768]), 3072, 1536, 768 + 2, 384 + 2 * 24],
  ["one column", weight([768, 1]), 3072, 1536, 768 + 2 * 768, 384 + 2 * 768],
  ["a convolution: rows of all the rest", weight([8, 3, 4, 4]), 1536, 768, 384 + 2 * 8, 192 + 2 * 8 * 2],
  ["a 1-d convolution", weight([2, 3, 5]), 120, 60, 30 + 2 * 2, 15 + 2 * 2],
  ["stacked experts", weight([2, 3, 64], "experts"), 1536, 768, 384 + 2 * 6, 192 + 2 * 6 * 2],
  ["one expert's own matrix", weight([6, 64], "experts"), 1536, 768, 384 + 2 * 6, 192 + 2 * 6 * 2],
  ["expert biases are vectors", weight([32, 5760], "experts", bias), 737_280, 368_640, 368_640, 368_640],
  ["a vector", weight([2048], "norm"), 8192, 4096, 4096, 4096],
  ["a scalar", weight([], "other"), 4, 2, 2, 2],
  ["nothing", weight([16, 0]), 0, 0, 0, 0],
])("%s", (_what, subject, ...bytes) => {
  expect(LEVELS.map((level) => computeLevelBytes(level, [subject]))).toEqual(bytes);
});

test("a model is the sum of its weights", () => {
  expect(computeLevelBytes("int4", [weight([3, 5]), weight([3, 5]), weight([7])])).toBe(14 + 14 + 14);
});

test("int4 is 4.5 bits a weight where rows are whole groups", () => {
  expect((8 * computeLevelBytes("int4", [weight([2048, 2048])])) / 2048 ** 2).toBe(4.5);
});

test("a size beyond 2^53 is refused, not rounded", () => {
  const model = { weights: [weight([2 ** 26, 2 ** 26])], config: null };
  const [fp32] = LEVEL_QUANTIZATIONS.map((level) =>
    computeSize(level, model, { parameters: 2 ** 52, publishedBytes: null }),
  );
  expect(fp32).toMatchObject({ bytes: null, reason: "it is too large to be counted exactly" });
  expect(computeLevelBytes("fp16", [weight([2 ** 26, 2 ** 25])])).toBe(2 ** 52);
});

test("a lower level is never larger, in rows of 32 or more", () => {
  const shape = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 32, max: 300 }));
  fc.assert(
    fc.property(fc.array(shape), (shapes) => {
      const weights = shapes.map((pair) => weight(pair));
      const sizes = LEVELS.map((level) => computeLevelBytes(level, weights));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }),
  );
});
