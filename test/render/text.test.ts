import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderJson } from "../../src/render/json.ts";
import { makePrintable, makeSafe } from "../../src/render/text.ts";

/** The characters of fast-check's own unit "binary", which makes a map of all 1,112,064 before the first text. */
const SURROGATES = { first: 0xd800, count: 0x800 };
const character = fc.nat({ max: 0x10ffff - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const code = typeof text === "string" ? text.codePointAt(0) : undefined;
    if (code === undefined || text !== String.fromCodePoint(code)) throw new Error("it is not one character");
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);
const anyText = fc.string({ unit: character });

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
    fc.property(anyText, (text) => {
      expect(makePrintable(text)).not.toMatch(UNSAFE);
    }),
  );
});

describe("lines", () => {
  test.each([
    ["a\nb", "a\nb"],
    ["\u001b[31merror:\u001b[39m a", "\u001b[31merror:\u001b[39m a"],
    ["\u001b[2J\u001b]0;x\u0007\r\t", "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{d}\\u{9}"],
    ["::error::x", "\\u{3a}:error::x"],
    ["a\n  ::stop-commands::x\nb::c", "a\n  \\u{3a}:stop-commands::x\nb::c"],
    ["a ##[error]x ##[group]", "a #\\u{23}[error]x #\\u{23}[group]"],
    ["###[x", "##\\u{23}[x"],
    ["# a [b]", "# a [b]"],
  ])("%j is printed as %j", (text, safe) => {
    expect(makeSafe(text)).toBe(safe);
  });

  test("no command for GitHub's runner is left of any text, and no character that a terminal obeys", () => {
    const part = fc.constantFrom("::", ":", "##[", "#", "[", "\n", " ", "\u00a0", "\u001b", "31m", "\r", "x");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const safe = makeSafe(parts.join(""));
        expect(safe.replaceAll("\u001b[31m", "").replaceAll("\n", "")).not.toMatch(UNSAFE);
        for (const line of safe.split("\n")) expect(line).not.toMatch(/^\s*::|##\[/);
      }),
    );
  });
});

describe("JSON", () => {
  test("holds whole numbers and every text as they are, with nothing for a terminal to obey", () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, anyText), (value) => {
        const text = renderJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(text.replaceAll("\n", "")).not.toMatch(UNSAFE);
      }),
    );
  });

  test("has no command for GitHub's runner", () => {
    expect(renderJson(["##[error]x", "::error::"])).toBe('[\n  "#\\u0023[error]x",\n  "::error::"\n]');
  });

  test("is one document, indented", () => {
    expect(renderJson({ bytes: 5_012_363_872, id: "a\u001b\u009b\u202e🤗" })).toBe(
      '{\n  "bytes": 5012363872,\n  "id": "a\\u001b\\u009b\\u202e🤗"\n}',
    );
  });
});
