import { expect, test } from "vitest";
import { computeGrowthPercent, compareModels } from "../../src/budget/changes.ts";
import { lockModel } from "../../src/budget/lock.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import { GEMMA_2B, GEMMA_7B } from "./subjects.ts";

test("the same is no change", () => {
  const same = { reference: "google/gemma-2b", id: null, revision: null, figures: [], notCompared: [] };
  expect(compareModels(GEMMA_2B, GEMMA_2B)).toEqual({ ...same, files: [] });
  expect(compareModels(lockModel(GEMMA_2B), GEMMA_2B)).toEqual({ ...same, files: [] });
});

test("an alias that names another model now", () => {
  const sizes = GEMMA_7B.sizes.filter(({ quantization }) => quantization !== "fp32");
  const { id, figures } = compareModels(lockModel(GEMMA_2B), { ...GEMMA_7B, sizes });
  expect(id).toEqual({ before: "google/gemma-2b", after: "google/gemma-7b" });
  expect(figures.slice(0, 3)).toEqual([
    {
      name: "parameters",
      before: 2_506_172_416,
      after: 8_537_680_896,
      growthPercent: expect.closeTo(240.67, 2),
    },
    {
      name: "published",
      before: 5_012_363_872,
      after: 17_075_361_792,
      growthPercent: expect.closeTo(240.66, 2),
    },
    { name: "fp32", before: 10_024_689_664, after: null, growthPercent: null },
  ]);
});

test("a new revision, and the files that differ", () => {
  const before = withFiles("a", [
    { path: "1.safetensors", bytes: 5 },
    { path: "2.safetensors", bytes: 5 },
    { path: "3.safetensors", bytes: 2 },
  ]);
  const after = withFiles("b", [
    { path: "1.safetensors", bytes: 5 },
    { path: "2.safetensors", bytes: 6 },
    { path: "4.safetensors", bytes: 1 },
  ]);
  expect(compareModels(before, after)).toMatchObject({
    revision: { before: "a", after: "b" },
    figures: [],
    files: [
      { path: "2.safetensors", before: 5, after: 6 },
      { path: "3.safetensors", before: 2, after: null },
      { path: "4.safetensors", before: null, after: 1 },
    ],
  });
});

test("a revision that the catalog does not know is not a change", () => {
  expect(compareModels(GEMMA_2B, { ...GEMMA_2B, revision: "a" }).revision).toBeNull();
});

test("published bytes and files are compared only where both are sums of real files", () => {
  const published = GEMMA_2B.published && { ...GEMMA_2B.published, bytes: 5_012_344_832, files: [] };
  const computed: ModelReport = {
    ...GEMMA_2B,
    published: published && { ...published, basis: "computed" },
  };
  const nothing = { figures: [], files: [], notCompared: ["published"] };
  expect(compareModels(computed, GEMMA_2B)).toMatchObject(nothing);
  expect(compareModels(lockModel(computed), GEMMA_2B)).toMatchObject(nothing);
});

test("sizes are compared only where both have the same basis, parameters always", () => {
  const { parameters } = GEMMA_2B;
  const predicted: ModelReport = {
    ...GEMMA_2B,
    parameters: { ...parameters, total: 2_506_172_417 },
    sizes: GEMMA_2B.sizes.map((size) => ({ ...size, bytes: 9, basis: "predicted" as const })),
  };
  expect(compareModels(GEMMA_2B, predicted)).toMatchObject({
    figures: [{ name: "parameters", before: 2_506_172_416, after: 2_506_172_417 }],
    notCompared: ["fp32", "fp16", "int8", "int4"],
  });
  const unknown = predicted.sizes.map((size) => ({ ...size, bytes: null }));
  expect(compareModels(GEMMA_2B, { ...GEMMA_2B, sizes: unknown })).toMatchObject({
    figures: [{ name: "fp32", after: null, growthPercent: null }, {}, {}, {}],
    notCompared: [],
  });
});

test.each([
  [100, 107, 7],
  [1000, 1001, 0.1],
  [3, 2, -100 / 3],
  [5, 5, 0],
  [0, 5, null],
  [0, 0, null],
])("from %d to %d is %d %%", (before, after, percent) => {
  expect(computeGrowthPercent(before, after)).toBe(percent);
});

function withFiles(revision: string, files: { path: string; bytes: number }[]): ModelReport {
  const published = GEMMA_2B.published && {
    ...GEMMA_2B.published,
    files: files.map((file) => ({ ...file, sha256: null })),
  };
  return { ...GEMMA_2B, revision, published };
}
