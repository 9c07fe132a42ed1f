import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError } from "../../src/format/malformed.ts";
import { parseSafetensorsIndex } from "../../src/format/safetensors-index.ts";

const index = (...names: readonly unknown[]) =>
  JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(names.map((name, at) => [`w${at}`, name])) });

test.each([
  ["google/gemma-2b-it", ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]],
  ["openai/gpt-oss-20b, which counts from 0", ["model-00000-of-00002.safetensors"]],
  ["bigscience/bloom", ["model_00001-of-00072.safetensors"]],
  ["older MLX uploads", ["weights.00.safetensors"]],
  ["a variant", ["model.fp16-00001-of-00002.safetensors"]],
])("%s", (_what, names) => {
  expect([...parseSafetensorsIndex(index(...names, ...names))]).toEqual(names);
});

test("a weight named __proto__ is one", () => {
  expect([...parseSafetensorsIndex('{"weight_map":{"__proto__":"model.safetensors"}}')]).toHaveLength(1);
});

describe("refuses", () => {
  test.each([
    ["no JSON", "<!DOCTYPE html>", /not JSON/],
    ["null", "null", /its weight_map is missing/],
    ["a list", "[]", /its weight_map is missing/],
    ["no map", "{}", /its weight_map is missing/],
    ["a map that is a list", '{"weight_map":["model.safetensors"]}', /its weight_map is missing/],
    ["an empty map", '{"weight_map":{}}', /is empty/],
    [
      "more files than any model has",
      index(...Array.from({ length: 10_001 }, (_, at) => `m${at}.safetensors`)),
      /more than 10000/,
    ],
  ])("%s", (_what, text, message) => {
    expect(() => parseSafetensorsIndex(text)).toThrow(MalformedError);
    expect(() => parseSafetensorsIndex(text)).toThrow(message);
  });

  test.each([
    "../model.safetensors",
    "%2e%2e/model.safetensors",
    "%252e%252e%252fmodel.safetensors",
    "..",
    "..safetensors",
    ".hidden.safetensors",
    "a/b.safetensors",
    "/abs.safetensors",
    "C:\\x.safetensors",
    "a\\b.safetensors",
    "https://evil.example/x.safetensors",
    "x.safetensors?download=true",
    "x.safetensors#",
    "x.safetensors\n",
    "x\u0000.safetensors",
    "x .safetensors",
    "",
    ".safetensors",
    "model.txt",
    null,
    7,
    {},
    ["model.safetensors"],
  ])("the file name %j", (name) => {
    expect(() => parseSafetensorsIndex(index(name))).toThrow(/which is not a file name/);
  });

  test("a long name with a short message", () => {
    expect(() => parseSafetensorsIndex(index("/".repeat(1e6)))).toThrow(/^.{1,200}$/);
  });
});

test("whatever the text: plain names, or a MalformedError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.array(fc.string()).map((names) => index(...names)),
      ),
      (text) => {
        try {
          for (const name of parseSafetensorsIndex(text)) expect(name).toMatch(/^[\w-][\w.-]*\.safetensors$/);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      },
    ),
  );
});
