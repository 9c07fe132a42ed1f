import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderJson } from "../../src/render/json.ts";
import { makePrintable } from "../../src/render/text.ts";

/** What a terminal obeys, and what reorders a line. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

test.each([
  ["google/gemma-2b", "google/gemma-2b"],
  ["模型/gemma-2b ✓ 🤗", "模型/gemma-2b ✓ 🤗"],
  ["é e\u0301", "é e\u0301"],
  ["\u001b[31mred\u001b[0m", "\\u{1b}[31mred\\u{1b}[0m"],
  ["\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}"],
  ["\u009b2J", "\\u{9b}2J"], // one character that begins an escape sequence
  ["a\nb\r\tc\u0000", "a\\u{a}b\\u{d}\\u{9}c\\u{0}"],
  ["\u007f", "\\u{7f}"],
  ["safe\u202etxt.exe", "safe\\u{202e}txt.exe"],
  ["\u2066x\u2069", "\\u{2066}x\\u{2069}"],
  ["\u061c\u200e\u200f", "\\u{61c}\\u{200e}\\u{200f}"],
  ["\u2028\u2029", "\\u{2028}\\u{2029}"],
  ["", ""],
])("%j is shown as %s", (text, shown) => {
  expect(makePrintable(text)).toBe(shown);
});

test("nothing unsafe is left of any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(makePrintable(text)).not.toMatch(UNSAFE);
    }),
  );
});

describe("JSON", () => {
  test("holds whole numbers and every text as they are, with nothing for a terminal to obey", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (value) => {
        const text = renderJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(text.replaceAll("\n", "")).not.toMatch(UNSAFE);
      }),
    );
  });

  test("is one document, indented", () => {
    expect(renderJson({ bytes: 5_012_363_872, id: "a\u001b\u009b\u202e🤗" })).toBe(
      '{\n  "bytes": 5012363872,\n  "id": "a\\u001b\\u009b\\u202e🤗"\n}',
    );
  });
});
