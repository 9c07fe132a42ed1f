import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CACHE_VERSION, parseEntry, renderEntry, type Entry } from "../../../src/source/cache/entry.ts";

const ENTRY: Entry = {
  endpoint: "https://huggingface.co",
  id: "acme/model",
  commit: "0123456789abcdef0123456789abcdef01234567",
  summary: { total: 32, byDtype: { F32: 32 } },
  baseModel: "acme/base",
  files: [
    { path: "config.json", bytes: 22, hash: "89abcdef0123456789abcdef0123456789abcdef" },
    { path: "model.safetensors", bytes: 200 },
  ],
  texts: new Map([["config.json", '{"model_type":"llama"}']]),
  headers: new Map([
    [
      "model.safetensors",
      { config: null, tensors: [{ name: "a.weight", shape: [8, 4], dtype: "F32", bytes: 128 }] },
    ],
    [
      "model-Q4_K.gguf",
      {
        config: { model_type: "llama" },
        tensors: [{ name: "b", shape: [], dtype: "Q4_K", bytes: 0, sharedWith: "a.weight" }],
      },
    ],
  ]),
};

/** If this line has to change, CACHE_VERSION has to go up: entries of older programs would be misread. */
test("what is written down, under its version", () => {
  expect(CACHE_VERSION).toBe(5);
  expect(renderEntry(ENTRY)).toMatchInlineSnapshot(
    `"{"version":5,"endpoint":"https://huggingface.co","id":"acme/model","commit":"0123456789abcdef0123456789abcdef01234567","summary":{"total":32,"byDtype":{"F32":32}},"baseModel":"acme/base","files":[["config.json",22,"89abcdef0123456789abcdef0123456789abcdef"],["model.safetensors",200,null]],"texts":[["config.json","{\\"model_type\\":\\"llama\\"}"]],"headers":[["model.safetensors",null,[["a.weight",[8,4],"F32",128]]],["model-Q4_K.gguf",{"model_type":"llama"},[["b",[],"Q4_K",0,{"sharedWith":"a.weight"}]]]]}"`,
  );
});

test("what is written is read again", () => {
  expect(parseEntry(renderEntry(ENTRY))).toEqual(ENTRY);
  expect(parseEntry(renderEntry({ ...ENTRY, summary: null }))).toEqual({ ...ENTRY, summary: null });
});

describe("what is no entry is none", () => {
  const row = JSON.parse(renderEntry(ENTRY)) as Record<string, unknown>;
  test.each([
    ["", ""],
    ["no JSON", "{"],
    ["no object", "[]"],
    ["null", "null"],
    ["another version", JSON.stringify({ ...row, version: CACHE_VERSION + 1 })],
    ["no files", JSON.stringify({ ...row, files: undefined })],
    ["a size below zero", JSON.stringify({ ...row, files: [["a", -1]] })],
    ["a size with a fraction", JSON.stringify({ ...row, files: [["a", 1.5]] })],
    ["a size beyond 2^53", JSON.stringify({ ...row, files: [["a", 2 ** 60]] })],
    ["a shape of words", JSON.stringify({ ...row, headers: [["a", null, [["t", ["8"], "F32", 32]]]] })],
    ["a config of words", JSON.stringify({ ...row, headers: [["a", "llama", []]] })],
    ["a summary without a total", JSON.stringify({ ...row, summary: { byDtype: {} } })],
  ])("%s", (_, text) => {
    expect(parseEntry(text)).toBeNull();
  });

  test("whatever stands in a file: an entry or nothing, and never an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(parseEntry(text)).toBeNull();
      }),
    );
    fc.assert(
      fc.property(fc.json(), fc.constantFrom("files", "headers", "texts", "summary"), (json, key) => {
        const entry = parseEntry(JSON.stringify({ ...row, [key]: JSON.parse(json) as unknown }));
        expect(entry === null || typeof entry.id === "string").toBe(true);
      }),
    );
  });
});
