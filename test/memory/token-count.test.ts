import { expect, test } from "vitest";
import { parseTokenCount } from "../../src/memory/token-count.ts";

test.each<[string, number | null]>([
  ["1", 1],
  ["8192", 8192],
  ["8k", 8192],
  ["128K", 131_072],
  ["1m", 1_048_576],
  ["100000000", 100_000_000],
  ["100000001", null],
  ["96m", null],
  ["0", null],
  ["-1", null],
  ["1.5k", null],
  ["8kb", null],
  ["k", null],
  ["", null],
])("%j is %j tokens", (text, tokens) => {
  expect(parseTokenCount(text)).toBe(tokens);
});
