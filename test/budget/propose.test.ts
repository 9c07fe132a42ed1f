import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLimit, proposeBudget } from "../../src/budget/propose.ts";
import { parseQuantity } from "../../src/contract/quantities.ts";
import type { ModelReport, Size } from "../../src/contract/types.ts";
import { GEMMA_2B, GEMMA_2B_INT4_BYTES, withNote } from "./subjects.ts";

const withSize = (changes: Partial<Size>): ModelReport => ({
  ...GEMMA_2B,
  sizes: GEMMA_2B.sizes.map((size) => (size.quantization === "int4" ? { ...size, ...changes } : size)),
});
const variants = [{ because: "output head stored again", bytes: 1_700_000_000 }];

test.each<[string, ModelReport, string | null, number, unknown]>([
  ["10 % more", GEMMA_2B, "int4", 10, { maxSize: "1.56GB", bytes: GEMMA_2B_INT4_BYTES, headroomPercent: 10 }],
  ["as published", GEMMA_2B, null, 10, { maxSize: "5.52GB", bytes: 5_012_363_872 }],
  ["no headroom", GEMMA_2B, "int4", 0, { maxSize: "1.41GB", headroomPercent: 0 }],
  ["the largest variant", withSize({ variants }), "int4", 0, { maxSize: "1.7GB", bytes: 1_700_000_000 }],
  [
    "no less than the error of a prediction",
    withSize({ basis: "predicted", errorBand: 0.05 }),
    "int4",
    1,
    { maxSize: "1.49GB", headroomPercent: 5, isPredicted: true },
  ],
  ["unknown", withSize({ bytes: null, reason: "no such layer" }), "int4", 10, { reason: "no such layer" }],
  ["not sized", GEMMA_2B, "int2", 10, { reason: "it was not sized at int2" }],
  [
    "in doubt",
    withNote(GEMMA_2B, "BYTES_UNACCOUNTED"),
    "int4",
    10,
    { reason: "for the reason of BYTES_UNACCOUNTED" },
  ],
])("%s", (_, model, quantization, headroom, expected) => {
  expect(proposeBudget(model, quantization, headroom)).toMatchObject(expected as object);
});

test("a limit is never below its size, and at most 1 % above", () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 2 ** 49, noNaN: true }), (bytes) => {
      const limit = parseQuantity(formatLimit(bytes), "bytes");
      expect(limit).toBeGreaterThanOrEqual(bytes);
      expect(limit).toBeLessThanOrEqual(Math.ceil(bytes * 1.01));
    }),
  );
});
