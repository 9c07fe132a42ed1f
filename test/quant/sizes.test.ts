import { describe, expect, test } from "vitest";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { Scheme, Subject } from "../../src/quant/scheme.ts";
import { computeBitsPerWeight, computeSize, estimateSize } from "../../src/quant/sizes.ts";
import { subjectOf } from "./subjects.ts";

const none = () => null;
const unknown = { bytes: null, bitsPerWeight: null, basis: null, errorBand: null, assumptions: [] };

describe("google/gemma-2b: 2,506,172,416 parameters in 164 tensors", () => {
  const gemma = subjectOf("google/gemma-2b-it");
  const size = (name: string) => computeSize(parseQuantization(name), gemma, 2_506_172_416, none, {});

  test.each([
    // 37 norms of 2048 stay in 16 bits; the rest are matrices of 256,000 + 18 × 39,424 rows.
    ["fp32", 10_024_689_664, 32],
    ["fp16", 5_012_344_832, 16],
    ["int8", 2_508_179_456, 8.006],
    ["int4", 1_409_830_912, 4.5],
  ])("%s has %i bytes, %f bits a weight", (quantization, bytes, bitsPerWeight) => {
    expect(size(quantization)).toEqual({
      quantization,
      bytes,
      bitsPerWeight,
      basis: "computed",
      errorBand: null,
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
    const find = (quantization: unknown) => (quantization === q8 ? 2_669_069_632 : null);
    expect(computeSize(q8, gemma, 2_506_172_416, find, {})).toMatchObject({
      bytes: 2_669_069_632,
      basis: "published",
      bitsPerWeight: 8.52,
      errorBand: null,
    });
  });
});

describe("what is not known is no number", () => {
  const subject: Subject = { weights: [], config: null };
  const scheme = (bytes: number | null): Scheme => ({
    family: "mlx",
    name: "test",
    predict: () => (bytes === null ? { bytes, reason: "no rule" } : { bytes, band: 0, assumptions: [] }),
  });
  const predicted = (bytes: number | null) =>
    computeSize({ name: "mlx:test", level: null, scheme: scheme(bytes) }, subject, 1, none, {});

  test("a scheme without a rule says why", () => {
    expect(predicted(null)).toEqual({ ...unknown, quantization: "mlx:test", reason: "no rule" });
  });

  test.each([2 ** 53, 0.5, Number.NaN])("a prediction of %d bytes", (bytes) => {
    expect(predicted(bytes)).toMatchObject({ ...unknown, reason: expect.stringContaining("too large") });
  });

  test("a level beyond 2^53 bytes", () => {
    const shape = [2 ** 52];
    const weight = { name: "w", shape, dtype: "F8_E4M3", role: "mlp", parameters: 2 ** 52 } as const;
    expect(
      computeSize(parseQuantization("fp32"), { ...subject, weights: [weight] }, 2 ** 52, none, {}),
    ).toMatchObject(unknown);
  });

  test("a bug in a scheme is a bug", () => {
    const broken: Scheme = {
      ...scheme(0),
      predict: () => {
        throw new TypeError("a bug");
      },
    };
    expect(() => computeSize({ name: "mlx:x", level: null, scheme: broken }, subject, 1, none, {})).toThrow(
      TypeError,
    );
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
      ...unknown,
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
