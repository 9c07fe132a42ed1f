import { expect, test } from "vitest";
import type { Device } from "../../src/memory/device.ts";
import { judgeFit, type Needs } from "../../src/memory/fits.ts";

const device = (bounds: Device["bounds"], limitBytes = 1000): Device => ({
  id: "some",
  label: "Some device",
  kind: "gpu",
  bounds,
  limitBytes,
  recommendedBytes: bounds === "memory" ? 900 : limitBytes,
  limitName: "its limit",
  source: "https://example.com",
  date: "2026",
  machine: null,
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
  [needs(null, 1, 1000), "memory", "unknown"],
  [needs(null, 1, 1001), "memory", "exceeds"], // the weights alone
  [needs(5000, 1000), "buffer", "fits"],
  [needs(5000, 1001), "buffer", "exceeds"],
  [needs(5000, null), "buffer", "unknown"],
  [needs(5000, 5000, 1000), "download", "fits"],
  [needs(1, 1, 1001), "download", "exceeds"],
] as const)("%j against a limit of 1000 on %s: %s", (need, bounds, outcome) => {
  expect(judgeFit(need, device(bounds))).toEqual({ device: "some", outcome, limitName: "its limit" });
});
