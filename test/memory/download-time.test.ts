import fc from "fast-check";
import { expect, test } from "vitest";
import { isFailure } from "../../src/errors.ts";
import {
  NETWORK_SPEEDS,
  estimateDownloadSeconds,
  parseNetworkSpeed,
} from "../../src/memory/download-time.ts";

/** Null where it is refused. */
function parseSpeed(text: string): number | null {
  try {
    return parseNetworkSpeed(text).bitsPerSecond;
  } catch (error) {
    if (!isFailure(error, "USAGE")) throw error;
    return null;
  }
}

test.each<[string, number | null]>([
  ["50Mbps", 50_000_000],
  ["50 Mbps", 50_000_000],
  ["1.5Mbps", 1_500_000],
  ["700kbps", 700_000],
  ["1Gbps", 1_000_000_000],
  ["50Mbit/s", 50_000_000],
  ["50Mb/s", 50_000_000],
  ["6.25MB/s", 50_000_000],
  ["6.25 MBps", 50_000_000],
  ["slow-4g", 1_600_000],
  ["Broadband", 100_000_000],
  ["gigabit", 1_000_000_000],
  ["50", null], // of what?
  ["0Mbps", null],
  ["-1Mbps", null],
  ["1e3Mbps", null],
  ["50mbp", null],
  ["50Tbps", null],
  ["Mbps", null],
  ["__proto__", null],
  ["", null],
])("%j is %j bits per second", (text, bitsPerSecond) => {
  expect(parseSpeed(text)).toBe(bitsPerSecond);
});

test("any text is a positive speed or none", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d+\.?\d* ?[kMG](bps|B\/s)$/)), (text) => {
      const bitsPerSecond = parseSpeed(text);
      if (bitsPerSecond !== null) expect(Number.isFinite(bitsPerSecond) && bitsPerSecond > 0).toBe(true);
    }),
  );
});

test("Gemma 2B's 5 GB take 401 seconds on broadband", () => {
  expect(Math.round(estimateDownloadSeconds(5_012_363_872, 100_000_000))).toBe(401);
});

test("connections are known by distinct names, slowest first, each with a source and its date", () => {
  const speeds = NETWORK_SPEEDS.map(({ bitsPerSecond }) => bitsPerSecond);
  expect(speeds).toEqual(speeds.toSorted((a, b) => a - b));
  expect(new Set(NETWORK_SPEEDS.map(({ id }) => id)).size).toBe(NETWORK_SPEEDS.length);
  for (const { source, date } of NETWORK_SPEEDS) {
    expect(source).toMatch(/^https:\/\/\S+$/);
    expect(date).toMatch(/^20\d\d-\d\d(?:-\d\d)?$/);
  }
});
