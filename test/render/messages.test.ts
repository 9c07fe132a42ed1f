import { expect, test } from "vitest";
import { renderFailure, renderNotes } from "../../src/render/messages.ts";
import { PLAIN } from "../../src/render/options.ts";
import { model } from "./models.ts";

test.each([
  ["a is gated", "set HF_TOKEN", "error: a is gated\n  hint: set HF_TOKEN"],
  ["a is gated", null, "error: a is gated"],
  ["a\u001b[2J", "b\nc", "error: a\\u{1b}[2J\n  hint: b\\u{a}c"],
])("%j with the hint %j", (message, hint, text) => {
  expect(renderFailure({ message, hint }, PLAIN)).toBe(text);
});

const noted = (id: string, ...messages: readonly string[]) =>
  model({ id, notes: messages.map((message) => ({ code: "CONFIG_MISSING", message })) });

test.each([
  ["none", [noted("a/b")], []],
  ["one", [noted("a/b", "there is no config.json")], ["note: a/b: there is no config.json"]],
  ["one that names its model", [noted("a/b", "x is now a/b")], ["note: x is now a/b"]],
  ["the same of two", [noted("a/b", "no config"), noted("c/d", "no config")], ["note: a/b, c/d: no config"]],
  ["the same of one model twice", [noted("a/b", "no"), noted("a/b", "no")], ["note: a/b: no"]],
  ["two", [noted("a/b", "one", "two")], ["note: a/b: one", "note: a/b: two"]],
  ["unprintable", [noted("a/b", "\u001b[2J")], ["note: a/b: \\u{1b}[2J"]],
])("notes: %s", (_what, models, lines) => {
  expect(renderNotes(models, PLAIN)).toEqual(lines);
});

test("only the labels are painted", () => {
  const paint = { ...PLAIN, red: (text: string) => `<${text}>`, yellow: (text: string) => `(${text})` };
  expect(renderFailure({ message: "m", hint: null }, paint)).toBe("<error:> m");
  expect(renderNotes([noted("a/b", "n")], paint)).toEqual(["(note:) a/b: n"]);
});
