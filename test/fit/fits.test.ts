import { expect, test } from "vitest";
import type { Device } from "../../src/fit/devices.ts";
import { findLargestFit, judgeFit, type Needs } from "../../src/fit/fits.ts";

const device = (bounds: Device["bounds"], memoryBytes = 1000): Device => ({
  id: "some",
  label: "Some device",
  kind: "gpu",
  bounds,
  memoryBytes,
  limitName: "its limit",
  source: "https://example.com",
  date: "2026",
});

const needs = (
  memory: number | null,
  buffer: number | null = null,
  download: number | null = null,
): Needs => ({
  memory,
  buffer,
  download,
});

test.each([
  [needs(900), "memory", "fits"],
  [needs(901), "memory", "tight"],
  [needs(1000), "memory", "tight"],
  [needs(1001), "memory", "exceeds"],
  [needs(null, 1, 1), "memory", "unknown"],
  [needs(5000, 1000), "buffer", "fits"],
  [needs(5000, 1001), "buffer", "exceeds"],
  [needs(5000, null), "buffer", "unknown"],
  [needs(5000, 5000, 1000), "download", "fits"],
  [needs(1, 1, 1001), "download", "exceeds"],
] as const)("%j against a limit of 1000 on %s: %s", (need, bounds, outcome) => {
  expect(judgeFit(need, device(bounds))).toEqual({ device: "some", outcome, limit: "its limit" });
});

const candidate = (quantization: string, memory: number | null) => ({ quantization, needs: needs(memory) });

test.each([
  [
    "the largest that fits, tightly or not",
    [candidate("int4", 400), candidate("int8", 950), candidate("fp16", 1900)],
    "int8",
  ],
  ["whatever their order", [candidate("fp16", 1900), candidate("int8", 800), candidate("int4", 400)], "int8"],
  ["the first of equals", [candidate("Q4_0", 400), candidate("IQ4_NL", 400)], "Q4_0"],
  ["none that is unknown", [candidate("int4", 400), candidate("int8", null)], "int4"],
  ["none at all", [candidate("fp16", 1001), candidate("int8", null)], null],
])("%s", (_what, candidates, quantization) => {
  expect(findLargestFit(candidates, device("memory"))?.quantization ?? null).toBe(quantization);
});
