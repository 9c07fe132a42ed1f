import { expect, test } from "vitest";
import { unknown } from "../../src/contract/unknown.ts";
import { MLX } from "../../src/quant/mlx.ts";
import { bindScheme } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { Choice, Scheme, SchemeOptions } from "../../src/quant/scheme.ts";
import { computeSize } from "../../src/quant/sizes.ts";
import { predictVariants } from "../../src/quant/variants.ts";
import { fixtureModel } from "./fixtures.ts";

const MODEL = { weights: [], config: null };

/** A scheme of 1,000 bytes, to which each option adds. */
function variantsOf(
  choices: readonly Choice[],
  toBytes: (options: SchemeOptions) => number,
  options: SchemeOptions = {},
) {
  const scheme: Scheme = {
    name: "test",
    predict(_, given) {
      const bytes = toBytes(given);
      return bytes < 0
        ? unknown("it cannot be stored")
        : { bytes, largestArrayBytes: null, errorBand: null, assumptions: [] };
    },
    listChoices: () => choices,
  };
  const main = { bytes: toBytes(options), largestArrayBytes: null, errorBand: null, assumptions: [] };
  return predictVariants(bindScheme(MLX, scheme, options), MODEL, main).map(({ because, prediction }) => [
    because,
    prediction.bytes,
  ]);
}

const AGAIN: Choice = { because: "head again", options: { separateHead: true } };
const MATRIX: Choice = { because: "with a matrix", options: { imatrix: true } };
const NO_MATRIX: Choice = { because: "without one", options: { imatrix: false } };

const add = ({ separateHead, imatrix }: SchemeOptions) =>
  1_000 + (separateHead ? 500 : 0) + (imatrix === undefined ? 0 : imatrix ? 30 : -30);

test("choices alone come first, then in pairs that do not exclude each other", () => {
  expect(variantsOf([AGAIN, MATRIX, NO_MATRIX], add)).toEqual([
    ["head again", 1_500],
    ["with a matrix", 1_030],
    ["without one", 970],
    ["head again, with a matrix", 1_530],
    ["head again, without one", 1_470],
  ]);
});

test("an option that is given leaves no choice", () => {
  expect(variantsOf([AGAIN, MATRIX], add, { imatrix: false })).toEqual([["head again", 1_470]]);
});

test("sizes within 0.02 % of another are left out, and so are those that cannot be predicted", () => {
  const near = ({ separateHead, imatrix }: SchemeOptions) =>
    separateHead ? -1 : imatrix === undefined ? 1_000_000 : imatrix ? 1_000_200 : 1_000_201;
  expect(variantsOf([AGAIN, MATRIX], near)).toEqual([]);
  expect(variantsOf([AGAIN, NO_MATRIX], near)).toEqual([["without one", 1_000_201]]);
});

test("there are eight at most", () => {
  const choices = Array.from({ length: 12 }, (_, index) => ({
    because: `group ${index}`,
    options: { groupSize: index + 1 },
  }));
  const bytes = ({ groupSize = 0 }: SchemeOptions) => 1_000 + 10 * groupSize;
  expect(variantsOf(choices, bytes)).toHaveLength(8);
});

test.each([
  // second-state's Gemma-2b-it of February 2024, and RichardErkhov's gemma-2b of later.
  ["google/gemma-2b-it", "Q2_K", "llama.cpp before March 2024", 900e6],
  ["google/gemma-2b-it", "Q4_0", "made without an importance matrix", 1_551_189_120],
  ["Qwen/Qwen2.5-0.5B-Instruct", "Q8_0", "output head stored again", 675_710_816],
  ["meta-llama/Llama-3.2-1B-Instruct", "ct:w8a8-fp8", "tied output head stored once", 1.5e9],
  ["google/gemma-4-26B-A4B", "mlx:4bit", "dense MLP in 8 bits (mlx-vlm until June 2026)", 15_608_614_044],
  ["google/gemma-3-1b-it", "litert:int4", "8 graphs in the bundle", 584_417_280],
])("%s at %s: %s", (base, name, because, bytes) => {
  const figures = { parameters: 1, publishedBytes: null };
  const { variants } = computeSize(parseQuantization(name), fixtureModel(base), figures);
  const variant = variants.find((one) => one.because === because);
  expect(Math.abs((variant?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.003);
});

test("a published size is without variants", () => {
  const figures = { parameters: 2_506_172_416, publishedBytes: 1_630_263_200 };
  const size = computeSize(parseQuantization("Q4_K_M"), fixtureModel("google/gemma-2b-it"), figures);
  expect(size).toMatchObject({ basis: "published", variants: [] });
});
