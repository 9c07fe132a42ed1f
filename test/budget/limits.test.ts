import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listLimitForms, parseLimit, type LimitKind } from "../../src/budget/limits.ts";

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
    ["percent", "2%", 2],
    ["percent", "0.1 %", 0.1],
    ["percent", "0%", 0],
  ] as const)("%s: %j is %d", (kind, text, limit) => {
    expect(parseLimit(text, kind)).toBe(limit);
  });
});

describe("refused", () => {
  test.each([
    ["bytes", "1500000000", /unit is missing/],
    ["bytes", "1.5", /unit is missing/],
    ["bytes", "1.5Gb", /Gb is not a unit/],
    ["bytes", "1.5gb", /gb is not a unit/],
    ["bytes", "1.5G", /G is not a unit/],
    ["bytes", "7M", /M is not a unit/],
    ["bytes", "1.5B", /fractions of a byte/],
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
    ["parameters", "3GB", /GB is not a unit/],
    ["parameters", "8x7B", /plain number/],
    ["class", "0x7B", /above zero/],
    ["class", "seven", /plain number/],
    ["class", "7", /unit is missing/],
    ["percent", "2", /unit is missing/],
    ["percent", "-2%", /above zero/],
    ["percent", "2 percent", /plain number/],
  ] as const)("%s: %j", (kind, text, message) => {
    expect(() => parseLimit(text, kind)).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringMatching(message),
        hint: `write it as ${listLimitForms(kind)}`,
      }),
    );
  });
});

test.each(["bytes", "parameters", "class", "percent"] as const)(
  "every form of %s that is offered is accepted",
  (kind) => {
    for (const form of listLimitForms(kind).split(/, | or /))
      expect(parseLimit(form, kind)).toBeGreaterThanOrEqual(0);
  },
);

test("whole thousandths of a GB come out exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9_000_000 }), (megabytes) => {
      const text = `${Math.floor(megabytes / 1000)}.${String(megabytes % 1000).padStart(3, "0")}GB`;
      expect(parseLimit(text, "bytes")).toBe(megabytes * 1_000_000);
    }),
  );
});

test("any text is a safe number or refused", () => {
  const kinds = fc.constantFrom<LimitKind>("bytes", "parameters", "class", "percent");
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9.x]{0,20}[A-Za-z%]{0,3}$/));
  fc.assert(
    fc.property(kinds, texts, (kind, text) => {
      let limit = 1;
      try {
        limit = parseLimit(text, kind);
      } catch (error) {
        expect(error).toMatchObject({ code: "USAGE" });
      }
      expect(limit >= 0 && limit <= Number.MAX_SAFE_INTEGER).toBe(true);
    }),
  );
});
