import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chooseScale,
  formatBytes,
  formatCount,
  formatDuration,
  formatSpeed,
  formatTokens,
} from "../../src/render/units.ts";

test.each([
  [0, "0 B"],
  [1, "1 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_337, "1.34 kB"],
  [999_499, "999 kB"],
  [999_500, "1.00 MB"],
  [999_950, "1.00 MB"],
  [999_499_999, "999 MB"],
  [999_500_000, "1.00 GB"],
  [999_950_000, "1.00 GB"],
  [999_499_999_999, "999 GB"],
  [999_500_000_000, "1.00 TB"],
  [999_950_000_000, "1.00 TB"],
  [999_499_999_999_999, "999 TB"],
  [999_500_000_000_000, "1.00 PB"],
  [Number.MAX_SAFE_INTEGER, "9.01 PB"],
  [66_955_010, "67.0 MB"], // DistilBERT in 8 bits
  [9_994_999, "9.99 MB"],
  [9_995_001, "10.0 MB"],
  [5_000_000_000, "5 GB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes, "si")).toBe(text);
});

test.each([
  [1_023, "1023 B"],
  [1_024, "1 KiB"],
  [1_536, "1.50 KiB"],
  [1_023 * 1_024, "1023 KiB"],
  [1_000.5 * 1_024, "1000 KiB"],
  [1_048_064, "1.00 MiB"], // 1023.5 KiB
  [1_048_575, "1.00 MiB"],
  [1_048_576, "1 MiB"],
  [2 ** 30 - 1, "1.00 GiB"],
  [2 ** 40 - 1, "1.00 TiB"],
  [2 ** 50 - 1, "1.00 PiB"],
  [17_075_361_792, "15.9 GiB"], // Gemma 7B
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes, "iec")).toBe(text);
});

test.each([
  [0, "0"],
  [999, "999"],
  [26_784, "26.8K"],
  [66_985_530, "67.0M"],
  [999_499_999, "999M"],
  [999_500_000, "1.00B"],
  [999_885_952, "1.00B"], // gemma-3-1b
  [2_506_172_416, "2.51B"],
  [176_247_271_424, "176B"],
  [999_500_000_000, "1.00T"],
])("%i parameters are %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

describe("together, in the unit of the largest", () => {
  test.each([
    [[267_954_768, 5_012_363_872, null], "GB", ["0.268", "5.01", null]],
    [[0, 17_075_361_792], "GB", ["0", "17.1"]],
    [[37_814_868, 999_500_000], "GB", ["0.0378", "1.00"]],
    [[108_000, 5_012_363_872], "GB", ["0.000108", "5.01"]],
    [[null, null], "B", [null, null]],
    [[], "B", []],
  ])("%j", (values, unit, texts) => {
    const scale = chooseScale(values, "si");
    expect(scale.unit).toBe(unit);
    expect(values.map((value) => (value === null ? null : scale.format(value)))).toEqual(texts);
  });

  test("parameters", () => {
    const counts = [66_985_530, 8_537_680_896];
    const { unit, format } = chooseScale(counts, "counts");
    expect([unit, ...counts.map(format)]).toEqual(["B", "0.0670", "8.54"]);
  });
});

test("what is said is right to half of its third digit, and never 1000 of a unit", () => {
  const values: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 999 }),
      fc.double({ min: 0, max: 15, noNaN: true }),
      (digits, power) => {
        const bytes = Math.round(digits * 10 ** Math.min(power, 13));
        const [text = "", unit = ""] = formatBytes(bytes, "si").split(" ");
        expect(Number(text)).toBeLessThan(1_000);
        expect(Math.abs(Number(text) * (values[unit] ?? Number.NaN) - bytes)).toBeLessThanOrEqual(
          bytes * 0.00501,
        );
      },
    ),
  );
});

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
