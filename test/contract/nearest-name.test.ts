import { expect, test } from "vitest";
import { countEdits, findNearestName } from "../../src/contract/nearest-name.ts";
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

test.each([
  ["chekc", "check", 1],
  ["hceck", "check", 1],
  ["ckech", "check", 2],
  ["", "check", 5],
])("from %j to %j are %i edits: a swap of neighbours is one", (from, to, edits) => {
  expect(countEdits(from, to)).toBe(edits);
});
