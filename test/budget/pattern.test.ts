import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPath, matchesPattern } from "../../src/budget/pattern.ts";

test.each([
  ["google/*", "google/gemma-2b", true],
  ["GOOGLE/*", "google/gemma-2b", true],
  ["qwen/*", "Qwen/Qwen3-8B", true],
  ["google/*", "google/", true],
  ["google/*", "notgoogle/gemma-2b", false],
  ["*", "anything/at-all", true],
  ["*-instruct", "Qwen/Qwen2.5-0.5B-Instruct", true],
  ["*-instruct", "Qwen/Qwen2.5-0.5B-Instruct-GGUF", false],
  ["*/gemma-*-it", "google/gemma-2-2b-it", true],
  ["*/gemma-*-it", "google/gemma-2b", false],
  ["a*a", "a", false], // one letter is not both ends
  ["a*b*c", "aXbYc", true],
  ["a*b*c", "acb", false],
  ["ab*ba", "aba", false],
  ["a**b", "ab", true],
  ["org/name", "Org/Name", true],
  ["org/n.me", "org/name", false],
  ["$^(*", "$^(x", true],
])("%s and %s: %s", (pattern, name, matches) => {
  expect(matchesPattern(pattern, name)).toBe(matches);
});

test("a name fits itself with any part taken for *", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z/-]{1,20}$/), fc.nat(20), fc.nat(20), (name, from, to) => {
      const [start, end] = [Math.min(from, to), Math.max(from, to)];
      expect(matchesPattern(`${name.slice(0, start)}*${name.slice(end)}`, name)).toBe(true);
    }),
  );
});

test("many stars cost little", () => {
  expect(matchesPattern(`${"*a".repeat(5_000)}b`, "a".repeat(50_000))).toBe(false);
});

test.each([
  ["apps/web", "apps/web/src/model.ts", true],
  ["apps/web/", "apps/web/src/model.ts", true],
  ["./apps/web", "apps/web/src/model.ts", true],
  ["apps/web", "apps/website/src/model.ts", false],
  ["apps/web/model.ts", "apps/web/model.ts", true],
  ["apps/*.py", "apps/api/load.py", true],
  ["*.py", "apps/api/load.ts", false],
  [".", "anything.py", true],
  ["./", "anything.py", true],
])("the path %s and the file %s: %s", (pattern, file, matches) => {
  expect(matchesPath(pattern, file)).toBe(matches);
});
