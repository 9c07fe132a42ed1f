import { expect, test } from "vitest";
import { formatDuration, formatSpeed, formatTokens } from "../../src/render/duration.ts";

test.each([
  [0, "0.0 s"],
  [0.04, "0.0 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.5, "1 min"],
  [60.5, "1 min 1 s"],
  [120, "2 min"],
  [3599.4, "59 min 59 s"],
  [3599.5, "1 h"],
  [7199, "2 h"],
  [8_019.75, "2 h 14 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [700_000, "700 kbps"],
  [1_600_000, "1.6 Mbps"],
  [50_000_000, "50 Mbps"],
  [1_000_000_000, "1 Gbps"],
])("%d bits a second are %s", (bitsPerSecond, text) => {
  expect(formatSpeed(bitsPerSecond)).toBe(text);
});

test.each([
  [0, "0"],
  [512, "512"],
  [8192, "8k"],
  [8191, "7k"], // never more than fits
])("%d tokens are %s", (tokens, text) => {
  expect(formatTokens(tokens)).toBe(text);
});
