import { describe, expect, test } from "vitest";
import { unknown } from "../../src/contract/unknown.ts";
import { MLX } from "../../src/quant/mlx.ts";
import { bindScheme } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { Scheme, LogicalModel } from "../../src/quant/scheme.ts";
import { computeBitsPerWeight, computeSize, estimateSize } from "../../src/quant/sizes.ts";
import { fixtureModel } from "./fixtures.ts";
import { qwen2Of } from "./tiny-model.ts";

const UNKNOWN = {
  bytes: null,
  bitsPerWeight: null,
  basis: null,
  largestArrayBytes: null,
  errorBand: null,
  projectorBytes: null,
  variants: [],
  assumptions: [],
};

describe("google/gemma-2b: 2,506,172,416 parameters in 164 tensors", () => {
  const gemma = fixtureModel("google/gemma-2b-it");
  const size = (name: string) =>
    computeSize(parseQuantization(name), gemma, { parameters: 2_506_172_416, publishedBytes: null });

  test.each([
    // 37 norms of 2048 stay in 16 bits; the rest are matrices of 256,000 + 18 × 39,424 rows.
    ["fp32", 10_024_689_664, 32, 2_097_152_000],
    ["fp16", 5_012_344_832, 16, 1_048_576_000],
    ["int8", 2_508_179_456, 8.006, 524_800_000],
    ["int4", 1_409_830_912, 4.5, 294_912_000],
  ])("%s has %i bytes, %f bits a weight", (quantization, bytes, bitsPerWeight, largestArrayBytes) => {
    expect(size(quantization)).toEqual({
      quantization,
      bytes,
      bitsPerWeight,
      basis: "computed",
      largestArrayBytes,
      errorBand: null,
      projectorBytes: null,
      variants: [],
      assumptions: [],
      reason: null,
    });
  });

  test("a scheme is a prediction, with a band", () => {
    expect(size("gguf:Q8_0")).toMatchObject({ quantization: "gguf:Q8_0", basis: "predicted", reason: null });
    expect(size("gguf:Q8_0").errorBand).toBeGreaterThan(0);
  });

  test("a scheme whose file is there is what the file weighs", () => {
    const q8 = parseQuantization("Q8_0");
    const figures = { parameters: 2_506_172_416, publishedBytes: 2_669_069_632 };
    expect(computeSize(q8, gemma, figures)).toMatchObject({
      bytes: 2_669_069_632,
      basis: "published",
      bitsPerWeight: 8.52,
      errorBand: null,
    });
  });
});

describe("what is not known is no number", () => {
  const subject: LogicalModel = { weights: [], config: null };
  const figures = { parameters: 1, publishedBytes: null };
  const predicted = (predict: Scheme["predict"]) =>
    computeSize(bindScheme(MLX, { name: "test", predict }, {}), subject, figures);

  test("a scheme without a rule says why", () => {
    expect(predicted(() => unknown("no rule"))).toEqual({
      ...UNKNOWN,
      quantization: "mlx:test",
      reason: "no rule",
    });
  });

  test.each([2 ** 53, 0.5, Number.NaN])("a prediction of %d bytes", (bytes) => {
    const prediction = { bytes, largestArrayBytes: null, errorBand: 0, assumptions: [] };
    expect(predicted(() => prediction)).toMatchObject({
      ...UNKNOWN,
      reason: expect.stringContaining("too large"),
    });
  });

  test("a level beyond 2^53 bytes", () => {
    const shape = [2 ** 52];
    const weight = { name: "w", shape, dtype: "F8_E4M3", role: "mlp", parameters: 2 ** 52 } as const;
    const model = { ...subject, weights: [weight] };
    expect(computeSize(parseQuantization("fp32"), model, figures)).toMatchObject(UNKNOWN);
  });

  test("a bug in a scheme is a bug", () => {
    const broken = () => {
      throw new TypeError("a bug");
    };
    expect(() => predicted(broken)).toThrow(TypeError);
  });
});

describe("from the number of parameters alone", () => {
  test.each([
    ["fp32", 2_506_172_416, 10_024_689_664, 32],
    ["fp16", 2_506_172_416, 5_012_344_832, 16],
    ["int8", 2_506_172_416, 2_506_172_416, 8],
    ["int4", 2_506_172_416, 1_409_721_984, 4.5],
    ["int4", 3, 2, 5.333],
    ["int4", 0, 0, null],
  ])("%s of %i is about %i", (name, parameters, bytes, bitsPerWeight) => {
    expect(estimateSize(parseQuantization(name), parameters)).toMatchObject({
      bytes,
      bitsPerWeight,
      basis: "predicted",
    });
  });

  test.each([
    ["fp16", null, /parameters is not known/],
    ["gguf:Q4_K_M", 7e9, /shapes of the weights are not known/],
  ])("%s of %j is unknown", (name, parameters, reason) => {
    expect(estimateSize(parseQuantization(name), parameters)).toMatchObject({
      ...UNKNOWN,
      reason: expect.stringMatching(reason),
    });
  });
});

test.each([
  [1_409_830_912, 2_506_172_416, 4.5],
  [1, 3, 2.667],
  [0, 5, 0],
  [5, 0, null],
  [5, null, null],
])("%i bytes for %j parameters are %j bits each", (bytes, parameters, bits) => {
  expect(computeBitsPerWeight(bytes, parameters)).toBe(bits);
});

/** The weights of Qwen/Qwen2.5-0.5B-Instruct, 136,134,656 of which are its embedding. */
const qwen05b = qwen2Of(
  { layers: 24, hidden: 896, intermediate: 4_864, keyValue: 128, vocabulary: 151_936 },
  { num_attention_heads: 14, max_position_embeddings: 32_768 },
);

function largest(name: string, publishedBytes: number | null = null): number | null {
  const figures = { parameters: 494_032_768, publishedBytes };
  return computeSize(parseQuantization(name), qwen05b, figures).largestArrayBytes;
}

test.each<[string, number | null]>([
  ["fp32", 544_538_624],
  ["fp16", 272_269_312],
  ["int4", 76_575_744],
  ["onnx:q4", 544_538_624], // transformers.js keeps embeddings at full width
  ["onnx:q4f16", 272_269_312],
  ["onnx:q8", 136_134_661],
  ["mlc:q4f16_1", 76_575_744],
  ["gguf:Q4_K_M", null],
])("the largest array of Qwen/Qwen2.5-0.5B-Instruct at %s has %j bytes", (name, bytes) => {
  expect(largest(name)).toBe(bytes);
});

test("a published file of another size was made by another rule", () => {
  expect(largest("onnx:q4", 786_156_820)).toBe(544_538_624);
  expect(largest("onnx:q4", 483_003_582)).toBeNull();
});

test("without weights, the largest array is unknown", () => {
  expect(estimateSize(parseQuantization("fp32"), 1).largestArrayBytes).toBeNull();
});
