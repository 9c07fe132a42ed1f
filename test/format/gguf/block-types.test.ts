import { expect, test } from "vitest";
import { computeBlockBytes, fitsRows, type BlockType } from "../../../src/format/gguf/block-types.ts";

// The sizes ggml asserts at compile time: src/ggml-common.h.
test.each<[BlockType, number, number]>([
  ["F32", 1, 4],
  ["F16", 1, 2],
  ["BF16", 1, 2],
  ["Q8_0", 32, 34],
  ["Q6_K", 256, 210],
  ["Q5_K", 256, 176],
  ["Q5_1", 32, 24],
  ["Q5_0", 32, 22],
  ["Q4_K", 256, 144],
  ["Q4_1", 32, 20],
  ["Q4_0", 32, 18],
  ["Q3_K", 256, 110],
  ["Q2_K", 256, 84],
  ["IQ4_NL", 32, 18],
  ["IQ4_XS", 256, 136],
  ["IQ3_S", 256, 110],
  ["IQ3_XXS", 256, 98],
  ["IQ2_S", 256, 82],
  ["IQ2_XS", 256, 74],
  ["IQ2_XXS", 256, 66],
  ["IQ1_M", 256, 56],
  ["IQ1_S", 256, 50],
  ["TQ2_0", 256, 66],
  ["TQ1_0", 256, 54],
  ["MXFP4", 32, 17],
])("%s puts %i weights into %i bytes", (type, weights, bytes) => {
  expect(computeBlockBytes(type, weights)).toBe(bytes);
  expect(fitsRows(type, weights)).toBe(true);
  expect(fitsRows(type, weights + 1)).toBe(weights === 1);
});
