import fc from "fast-check";
import { expect, test } from "vitest";
import { countElements } from "../../src/format/tensor.ts";

test.each([
  ["the embedding of gemma-2b", [256_000, 2_048], 524_288_000],
  ["a scalar, as CLIP's logit_scale", [], 1],
  ["nothing", [2, 0], 0],
  ["nothing, however long the rest", [2 ** 53 - 1, 2 ** 53 - 1, 0], 0],
  ["2^53 − 1", [2 ** 53 - 1], Number.MAX_SAFE_INTEGER],
  ["2^53", [2 ** 26, 2 ** 27], null],
  ["a little above 2^53", [94_906_267, 94_906_267], null],
  ["far above", Array.from({ length: 400 }, () => 1e6), null],
  ["a fraction", [1.5, 2], null],
  ["a negative", [-2, -2], null],
  ["no number", [Number.NaN], null],
  ["infinity beside nothing", [Number.POSITIVE_INFINITY, 0], null],
])("%s", (_what, shape, elements) => {
  expect(countElements(shape)).toBe(elements);
});

test("is the exact product, or null where that is no safe integer", () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat(), { maxLength: 4 }), (shape) => {
      const product = shape.reduce((all, dimension) => all * BigInt(dimension), 1n);
      expect(countElements(shape)).toBe(product <= Number.MAX_SAFE_INTEGER ? Number(product) : null);
    }),
  );
});
