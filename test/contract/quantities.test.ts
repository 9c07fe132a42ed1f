import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listQuantityForms, parseQuantity, type QuantityKind } from "../../src/contract/quantities.ts";

describe("accepted", () => {
  test.each([
    ["bytes", "1.5GB", 1_500_000_000],
    ["bytes", "1500 MB", 1_500_000_000],
    ["bytes", "1500000000B", 1_500_000_000],
    ["bytes", "900kB", 900_000],
    ["bytes", "900KB", 900_000],
    ["bytes", "1KiB", 1024],
    ["bytes", "1.4GiB", 1_503_238_553], // and six tenths, which no file has
    ["bytes", "2TiB", 2 ** 41],
    ["bytes", " 2GB ", 2_000_000_000],
    ["bytes", "8.2GB", 8_200_000_000], // 8.2 * 1e9 is 8199999999.999999
    ["bytes", "1.1MB", 1_100_000],
    ["bytes", "0.000000001GB", 1],
    ["parameters", "3B", 3_000_000_000],
    ["parameters", "350M", 350_000_000],
    ["parameters", "1.005B", 1_005_000_000],
    ["parameters", "1T", 1_000_000_000_000],
    ["parameters", "22k", 22_000],
    ["class", "7B", 7_000_000_000],
    ["class", "7b", 7_000_000_000],
    ["class", "350M", 350_000_000],
    ["class", "0.5B", 500_000_000],
    ["class", "8x7B", 56_000_000_000],
    ["class", "8x22b", 176_000_000_000],
    ["bytes", "1.5gb", 1_500_000_000],
    ["bytes", "3kb", 3000],
    ["bytes", "1.4gib", 1_503_238_553],
    ["bytes", "5b", 5],
    ["seconds", "2min", 120],
    ["seconds", "2m", 120],
    ["seconds", "1.5h", 5400],
    ["seconds", "500ms", 0.5],
    ["milliseconds", "2min", 120_000],
    ["milliseconds", "2500ms", 2500],
    ["milliseconds", "1.5s", 1500],
    ["milliseconds", "90", 90_000],
    ["bitsPerSecond", "50Mbps", 50_000_000],
    ["bitsPerSecond", "6.25MB/s", 50_000_000],
    ["tokens", "1", 1],
    ["tokens", "8192", 8192],
    ["tokens", "8k", 8192],
    ["tokens", "128K", 131_072],
    ["tokens", "1m", 1_048_576],
    ["tokens", "100000000", 100_000_000],
    ["percent", "2%", 2],
    ["percent", "0.1 %", 0.1],
    ["percent", "0%", 0],
  ] as const)("%s: %j is %d", (kind, text, limit) => {
    expect(parseQuantity(text, kind)).toBe(limit);
  });
});

describe("refused", () => {
  test.each([
    ["bytes", "1500000000", /unit is missing/],
    ["bytes", "1.5", /unit is missing/],
    ["bytes", "1.5Gb", /Gb means bits; bytes are GB/],
    ["bytes", "1.5Mb", /Mb means bits/],
    ["bytes", "1.5Kb", /Kb means bits/],
    ["bytes", "1.5Gib", /Gib means bits; bytes are GiB/],
    ["bytes", "1.5G", /unknown unit G$/],
    ["bytes", "7M", /unknown unit M$/],
    ["bytes", "1.5B", /whole number/],
    ["bytes", "-1GB", /above zero/],
    ["bytes", "0GB", /above zero/],
    ["bytes", "0.0kB", /above zero/],
    ["bytes", "0.0000000001GB", /plain number/],
    ["bytes", "1.5e9B", /plain number/],
    ["bytes", "1,5GB", /plain number/],
    ["bytes", "1 500 MB", /plain number/],
    ["bytes", "1..5GB", /plain number/],
    ["bytes", ".5GB", /plain number/],
    ["bytes", "5.GB", /plain number/],
    ["bytes", "<2GB", /plain number/],
    ["bytes", "NaN", /plain number/],
    ["bytes", "Infinity", /plain number/],
    ["bytes", "NaNGB", /plain number/],
    ["bytes", "0x10GB", /plain number/],
    ["bytes", "8x7GB", /plain number/],
    ["bytes", "", /plain number/],
    ["bytes", "GB", /plain number/],
    ["bytes", "99999TB", /too large/],
    ["bytes", `${"9".repeat(400)}GB`, /plain number/],
    ["bytes", "1__proto__", /plain number/],
    ["parameters", "1.5e9", /plain number/],
    ["parameters", "3000000000", /unit is missing/],
    ["parameters", "3GB", /unknown unit GB/],
    ["parameters", "8x7B", /plain number/],
    ["class", "0x7B", /above zero/],
    ["class", "seven", /plain number/],
    ["class", "7", /unit is missing/],
    ["percent", "2", /unit is missing/],
    ["percent", "-2%", /above zero/],
    ["percent", "2 percent", /plain number/],
    ["seconds", "30", /unit is missing/],
    ["seconds", "2d", /unknown unit d/],
    ["milliseconds", "0", /above zero/],
    ["milliseconds", "soon", /plain number/],
    ["milliseconds", "1d", /unknown unit d/],
    ["milliseconds", "99999999h", /too large/],
    ["bitsPerSecond", "50", /unit is missing/],
    ["bitsPerSecond", "50MB", /unknown unit MB/],
    ["tokens", "100000001", /too large/],
    ["tokens", "96m", /too large/],
    ["tokens", "0", /above zero/],
    ["tokens", "-1", /above zero/],
    ["tokens", "1.5k", /whole number/],
    ["tokens", "8kb", /unknown unit kb/],
    ["tokens", "k", /plain number/],
    ["tokens", "", /plain number/],
  ] as const)("%s: %j", (kind, text, message) => {
    expect(() => parseQuantity(text, kind)).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringMatching(message),
        hint: `write it as ${listQuantityForms(kind)}`,
      }),
    );
  });
});

test.each(["bytes", "parameters", "class", "seconds", "milliseconds", "percent", "tokens"] as const)(
  "every form of %s that is offered is accepted",
  (kind) => {
    for (const form of listQuantityForms(kind).split(/, | or /))
      expect(parseQuantity(form, kind)).toBeGreaterThanOrEqual(0);
  },
);

test("whole thousandths of a GB come out exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_000_000 }), (megabytes) => {
      const text = `${Math.floor(megabytes / 1000)}.${String(megabytes % 1000).padStart(3, "0")}GB`;
      expect(parseQuantity(text, "bytes")).toBe(megabytes * 1_000_000);
    }),
  );
});

test("any text is a safe number or refused", () => {
  const kinds = fc.constantFrom<QuantityKind>(
    "bytes",
    "parameters",
    "class",
    "seconds",
    "milliseconds",
    "percent",
    "bitsPerSecond",
    "tokens",
  );
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.x]{0,20}[A-Za-z%]{0,4}$/));
  fc.assert(
    fc.property(kinds, texts, (kind, text) => {
      let limit = 1;
      try {
        limit = parseQuantity(text, kind);
      } catch (error) {
        expect(error).toMatchObject({ code: "USAGE" });
      }
      expect(limit >= 0 && limit <= Number.MAX_SAFE_INTEGER).toBe(true);
    }),
  );
});
