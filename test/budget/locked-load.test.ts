import { expect, test } from "vitest";
import type { Lock, LockedModel } from "../../src/budget/lock.ts";
import { findLockedLoad, listNamedIn, type CodeLoad } from "../../src/budget/locked-load.ts";
import { GEMMA_2B } from "./subjects.ts";

const model = (bytes: number) =>
  GEMMA_2B.published && { ...GEMMA_2B, published: { ...GEMMA_2B.published, bytes } };
const load = (
  reference: string,
  files: string,
  bytes = 100,
  quantization: string | null = null,
): CodeLoad => ({
  reference,
  quantization,
  places: files.split(" ").map((path) => ({ path, line: 1, column: 1 })),
  model: model(bytes),
});
const locked = (
  reference: string,
  publishedBytes: number,
  namedIn: LockedModel["namedIn"],
  sizes = {},
): LockedModel => ({
  reference,
  id: reference,
  revision: null,
  parameters: null,
  publishedBytes,
  files: {},
  sizes,
  namedIn,
});
const lock = (...models: LockedModel[]): Lock => ({ lockVersion: 1, models });

const A = locked("a/a", 10, { "x.py": [null] });
const B = locked("b/b", 20, { "x.py": [null] });
const A8 = locked("a/a", 10, { "x.py": ["onnx:q8"] }, { "onnx:q8": 5, "onnx:fp32": 20 });

test.each<[name: string, lock: Lock, loads: CodeLoad[], found: (string | null)[]]>([
  ["the same model", lock(A), [load("a/a", "x.py")], ["a/a"]],
  ["another model in its place", lock(A), [load("c/c", "x.py")], ["a/a, replaced"]],
  ["another model next to it", lock(A), [load("a/a", "x.py"), load("c/c", "x.py")], ["a/a", null]],
  ["the same in another file", lock(A), [load("a/a", "y.py")], ["a/a"]],
  ["another model in another file", lock(A), [load("c/c", "y.py")], [null]],
  [
    "two for two, by their sizes",
    lock(A, B),
    [load("c/c", "x.py", 900), load("d/d", "x.py", 10)],
    ["b/b, replaced", "a/a, replaced"],
  ],
  ["one of two", lock(A, B), [load("a/a", "x.py"), load("c/c", "x.py")], ["a/a", "b/b, replaced"]],
  ["another quantization", lock(A8), [load("a/a", "x.py", 1, "onnx:fp32")], ["a/a at onnx:q8, replaced"]],
  [
    "another quantization too",
    lock(A8),
    [load("a/a", "x.py", 1, "onnx:q8"), load("a/a", "x.py", 1, "onnx:fp32")],
    ["a/a at onnx:q8", "a/a at onnx:fp32"],
  ],
  ["a lock file without code", lock({ ...A, namedIn: undefined }), [load("a/a", "x.py")], ["a/a"]],
])("%s", (_, before, loads, found) => {
  const names = loads.map((one) => {
    const match = findLockedLoad(before, one, loads);
    if (!match) return null;
    const form = match.quantization === null ? "" : ` at ${match.quantization}`;
    return `${match.locked.reference}${form}${match.isReplaced ? ", replaced" : ""}`;
  });
  expect(names).toEqual(found);
});

test("files that name a model are listed in order, with what each loads", () => {
  const loads = [load("a/a", "y.py x.py"), load("a/a", "x.py", 1, "onnx:q8"), load("b/b", "z.py")];
  expect(listNamedIn(loads, "a/a")).toEqual({ "x.py": [null, "onnx:q8"], "y.py": [null] });
  expect(listNamedIn(loads, "c/c")).toBeUndefined();
});
