import { expect, test } from "vitest";
import { findUnsafeNumber } from "../../src/contract/safe-numbers.ts";

test.each([
  [{ a: [{ b: 2 ** 53 }] }, "a[0].b"],
  [{ a: { b: Infinity } }, "a.b"],
  [[1, Number.NaN], "[1]"],
  [{ a: -(2 ** 53) }, "a"],
  [{ a: Number.MAX_SAFE_INTEGER, b: 0.1, c: null, d: "9007199254740993", e: true }, null],
  [[], null],
])("%j", (document, path) => {
  expect(findUnsafeNumber(document)).toBe(path);
});
