import { expect, test } from "vitest";
import { findNearestName } from "../../src/budget/nearest-name.ts";
import { RULE_NAMES } from "../../src/contract/terms.ts";

test.each([
  ["maxSiz", "maxSize"],
  ["maxsize", "maxSize"],
  ["MAXCLASS", "maxClass"],
  ["maxPrams", "maxParams"],
  ["max-params", "maxParams"],
  ["maxSizes", "maxSize"],
  ["max_growth", "maxGrowth"],
  ["colour", null],
  ["", null],
  ["x".repeat(100_000), null],
])("%.20s is nearest to %s", (written, name) => {
  expect(findNearestName(written, RULE_NAMES)).toBe(name);
});
