import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CACHE_VERSION,
  parseContents,
  parseEntry,
  parseResult,
  renderContents,
  renderEntry,
  renderResult,
  type Contents,
  type Entry,
  type KeptResult,
} from "../../../src/source/cache/entry.ts";

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
};

const CONTENTS: Contents = {
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

const RESULT: KeptResult = {
  endpoint: ENTRY.endpoint,
  id: ENTRY.id,
  commit: ENTRY.commit,
  build: "0123456789abcdef",
  settings: '["fp32"]',
  result: { parameters: { total: 32 } },
};

/** If these lines have to change, CACHE_VERSION has to go up: files of older programs would be misread. */
test("what is written down, under its version", () => {
  expect(CACHE_VERSION).toBe(6);
  expect(renderEntry(ENTRY)).toMatchInlineSnapshot(
    `"{"version":6,"endpoint":"https://huggingface.co","id":"acme/model","commit":"0123456789abcdef0123456789abcdef01234567","summary":{"total":32,"byDtype":{"F32":32}},"baseModel":"acme/base","files":[["config.json",22,"89abcdef0123456789abcdef0123456789abcdef"],["model.safetensors",200,null]]}"`,
  );
  expect(renderContents(ENTRY, CONTENTS)).toMatchInlineSnapshot(
    `"{"version":6,"endpoint":"https://huggingface.co","id":"acme/model","commit":"0123456789abcdef0123456789abcdef01234567","texts":[["config.json","{\\"model_type\\":\\"llama\\"}"]],"headers":[["model.safetensors",null,[["a.weight",[8,4],"F32",128]]],["model-Q4_K.gguf",{"model_type":"llama"},[["b",[],"Q4_K",0,{"sharedWith":"a.weight"}]]]]}"`,
  );
  expect(renderResult(RESULT)).toMatchInlineSnapshot(
    `"{"version":6,"endpoint":"https://huggingface.co","id":"acme/model","commit":"0123456789abcdef0123456789abcdef01234567","build":"0123456789abcdef","settings":"[\\"fp32\\"]","result":{"parameters":{"total":32}}}"`,
  );
});

test("what is written is read again", () => {
  expect(parseEntry(renderEntry(ENTRY))).toEqual(ENTRY);
  expect(parseEntry(renderEntry({ ...ENTRY, summary: null }))).toEqual({ ...ENTRY, summary: null });
  expect(parseContents(renderContents(ENTRY, CONTENTS))).toMatchObject(CONTENTS);
  expect(parseResult(renderResult(RESULT))).toEqual(RESULT);
});

describe("what is not ours is nothing", () => {
  type Row = Record<string, unknown>;
  const entry = JSON.parse(renderEntry(ENTRY)) as Row;
  const contents = JSON.parse(renderContents(ENTRY, CONTENTS)) as Row;
  const result = JSON.parse(renderResult(RESULT)) as Row;
  const PARSERS = [parseEntry, parseContents, parseResult];

  test.each(["", "{", "[]", "null", JSON.stringify({ ...entry, ...contents, ...result, version: 7 })])(
    "%s",
    (text) => {
      for (const parse of PARSERS) expect(parse(text)).toBeNull();
    },
  );

  test.each([
    ["no files", { files: undefined }],
    ["a size below zero", { files: [["a", -1]] }],
    ["a size with a fraction", { files: [["a", 1.5]] }],
    ["a size beyond 2^53", { files: [["a", 2 ** 60]] }],
    ["a summary without a total", { summary: { byDtype: {} } }],
  ])("an entry with %s", (_, changed) => {
    expect(parseEntry(JSON.stringify({ ...entry, ...changed }))).toBeNull();
  });

  test.each([
    ["a shape of words", { headers: [["a", null, [["t", ["8"], "F32", 32]]]] }],
    ["a config of words", { headers: [["a", "llama", []]] }],
    ["no texts", { texts: undefined }],
  ])("contents with %s", (_, changed) => {
    expect(parseContents(JSON.stringify({ ...contents, ...changed }))).toBeNull();
  });

  test.each([
    ["no build", { build: null }],
    ["a list", { result: [] }],
  ])("a result with %s", (_, changed) => {
    expect(parseResult(JSON.stringify({ ...result, ...changed }))).toBeNull();
  });

  test("whatever stands in a file: ours or nothing, and never an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        for (const parse of PARSERS) expect(parse(text)).toBeNull();
      }),
    );
    const KEYS = ["files", "headers", "texts", "summary", "result"];
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(...KEYS), (json, key) => {
        const row = { ...entry, ...contents, ...result, [key]: JSON.parse(json) as unknown };
        for (const parse of PARSERS) expect(() => parse(JSON.stringify(row))).not.toThrow();
      }),
    );
  });
});
