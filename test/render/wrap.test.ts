import fc from "fast-check";
import { expect, test } from "vitest";
import { wrapWords } from "../../src/render/wrap.ts";

test.each([
  ["one two three", 9, "one two\n  three"],
  ["one two three", 80, "one two three"],
  ["unbreakable", 4, "unbreakable"],
  ["a unbreakable b", 4, "a\n  unbreakable\n  b"],
  ["", 4, ""],
])("%s in %i columns", (text, width, wrapped) => expect(wrapWords(text, width, "", "  ")).toBe(wrapped));

test("no word is lost, and no line is too long that could be broken", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }),
      fc.integer({ min: 16, max: 80 }),
      (words, width) => {
        const wrapped = wrapWords(words.join(" "), width, "  ", "    ");
        expect(wrapped.split(/\s+/).filter((word) => word !== "")).toEqual(words);
        for (const line of wrapped.split("\n")) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});
