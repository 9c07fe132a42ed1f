import { describe, expect, test } from "vitest";
import { buildLock, lockModel, parseLock, renderLock } from "../../src/budget/lock.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import { GEMMA_2B, GEMMA_7B, MIXTRAL, withNote } from "./subjects.ts";

test("one field a line, models sorted by id", () => {
  expect(renderLock(buildLock({ models: [ofInt4(GEMMA_7B), ofInt4(GEMMA_2B)] }))).toMatchInlineSnapshot(`
    "{
      "lockVersion": 1,
      "models": [
        {
          "reference": "google/gemma-2b",
          "id": "google/gemma-2b",
          "revision": null,
          "parameters": 2506172416,
          "publishedBytes": 5012363872,
          "files": {
            "model-00001-of-00002.safetensors": 4945242264,
            "model-00002-of-00002.safetensors": 67121608
          },
          "sizes": {
            "int4": 1409830912
          }
        },
        {
          "reference": "google/gemma-7b",
          "id": "google/gemma-7b",
          "revision": null,
          "parameters": 8537680896,
          "publishedBytes": 17075361792,
          "files": {},
          "sizes": {
            "int4": 4802697216
          }
        }
      ]
    }
    "
  `);
});

test("read back, it is the same, whatever the order measured", () => {
  const lock = buildLock({ models: [MIXTRAL, GEMMA_7B, GEMMA_2B] });
  expect(parseLock(renderLock(lock))).toEqual(lock);
  expect(renderLock(buildLock({ models: [GEMMA_2B, GEMMA_7B, MIXTRAL] }))).toBe(renderLock(lock));
});

test("one entry a reference; two revisions of a model are two", () => {
  const old = { ...GEMMA_2B, reference: "google/gemma-2b@v1" };
  const { models } = buildLock({ models: [old, GEMMA_2B, GEMMA_2B] });
  expect(models.map(({ reference }) => reference)).toEqual(["google/gemma-2b", "google/gemma-2b@v1"]);
});

test.each([
  ["PACKING_UNKNOWN", null, null],
  ["HEAD_MAYBE_TIED", null, null],
  ["ACTIVE_UNKNOWN", 2_506_172_416, 1_409_830_912],
] as const)("with %s, what is in doubt is not locked", (code, parameters, int4) => {
  expect(lockModel(withNote(GEMMA_2B, code))).toMatchObject({
    parameters,
    publishedBytes: 5_012_363_872,
    sizes: { int4 },
  });
});

describe("refused", () => {
  const entry = JSON.stringify(lockModel(GEMMA_2B));
  test.each([
    ["no JSON", "<<<<<<< HEAD", "", /not JSON/],
    ["nothing", "", "", /not JSON/],
    ["a list", "[]", "", /an object in \{ \}, not a list/],
    ["a later version", '{"lockVersion":2,"models":[]}', "lockVersion", /must be 1/],
    ["no models", '{"lockVersion":1}', "models", /missing/],
    ["another key", '{"lockVersion":1,"models":[],"x":1}', "", /unknown key "x"/],
    ["half a byte", lockOf(entry.replace("5012363872", "0.5")), "models[0].publishedBytes", /whole number/],
    ["less than nothing", lockOf(entry.replace("5012363872", "-1")), "models[0].publishedBytes", />=0/],
    [
      "more than is exact",
      lockOf(entry.replace("5012363872", "9007199254740993")),
      "models[0].publishedBytes",
      /./,
    ],
    ["text", lockOf(entry.replace("5012363872", '"5 GB"')), "models[0].publishedBytes", /not text/],
    ["a reference twice", lockOf(`${entry},${entry}`), "models[1]", /google\/gemma-2b is listed twice/],
  ])("%s", (_, text, path, problem) => {
    expect(() => parseLock(text)).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        context: expect.objectContaining({ path, problem: expect.stringMatching(problem) }),
      }),
    );
  });
});

test("__proto__ is no quantization", () => {
  const text = renderLock(buildLock({ models: [GEMMA_2B] })).replace('"int4"', '"__proto__"');
  expect(() => parseLock(text)).not.toThrow();
  expect(Object.getPrototypeOf(parseLock(text).models[0]?.sizes)).toBe(Object.prototype);
});

function ofInt4(model: ModelReport): ModelReport {
  return { ...model, sizes: model.sizes.filter(({ quantization }) => quantization === "int4") };
}

function lockOf(models: string): string {
  return `{"lockVersion":1,"models":[${models}]}`;
}
