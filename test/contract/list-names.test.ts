import { expect, test } from "vitest";
import { listNames } from "../../src/contract/list-names.ts";

test.each([
  [["a"], "a"],
  [["a", "b", "c", "d"], "a, b, c, d"],
  [Array.from({ length: 100_000 }, (_, index) => `h${index}`), "h0, h1, h2, h3 and 99996 more"],
  [["x".repeat(1_000_000)], `${"x".repeat(200)}…`],
])("some of a list", (names, expected) => {
  expect(listNames(names)).toBe(expected);
});
