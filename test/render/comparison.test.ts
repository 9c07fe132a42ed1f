import { expect, test } from "vitest";
import { buildComparison } from "../../src/render/comparison.ts";
import type { ModelReport } from "../../src/contract/types.ts";
import { DISTILBERT, GATED, GEMMA_2B, MIXTRAL, model, size } from "./models.ts";

const compare = (...models: readonly ModelReport[]) => {
  const { heads, rows } = buildComparison(models, "si");
  return heads.map(({ title, unit }, column) => [
    `${title} ${unit}`.trim(),
    ...rows.map((row) => row[column]),
  ]);
};

test("one unit per column", () => {
  expect(compare(GEMMA_2B, MIXTRAL).slice(-2)).toEqual([
    ["int8 GB", "2.51", "46.7"],
    ["int4 GB", "1.41", "26.3"],
  ]);
});

test("a unit per cell where sizes differ much", () => {
  expect(compare(GEMMA_2B, DISTILBERT)).toEqual([
    ["Model", "google/gemma-2b", "distilbert/distilbert-base-uncased-finetuned-sst-2-english"],
    ["Params", "2.51B", "67.0M"],
    ["Class", "2B", "66M"],
    ["On Hub", "5.01 GB", "5.01 GB"],
    ["fp32", "10.0 GB", "268 MB"],
    ["fp16", "5.01 GB", "134 MB"],
    ["int8", "2.51 GB", "67.2 MB"],
    ["int4", "1.41 GB", "37.8 MB"],
  ]);
  const sizes = [{ ...size("int4", 1_500_000_000, "predicted"), variants: [{ because: "", bytes: 9e8 }] }];
  expect(compare({ ...GEMMA_2B, sizes }, model({ sizes: [size("int4", 5_123_456)] })).at(-1)).toEqual([
    "int4",
    "~0.900–1.50 GB",
    "5.12 MB",
  ]);
});

test("a mixture of experts brings the column of active parameters", () => {
  expect(compare(GEMMA_2B, MIXTRAL).slice(1, 4)).toEqual([
    ["Params B", "2.51", "46.7"],
    ["Active B", "2.51", "12.9"],
    ["Class", "2B", "8x7B"],
  ]);
});

test("~ before what is neither published nor counted from headers, ? for what is not known", () => {
  expect(compare(GATED)).toEqual([
    ["Model", "acme/secret"],
    ["Params B", "~2.51"],
    ["Class", "2B"],
    ["On Hub GB", "5.01"],
    ["fp32 GB", "~10.0"],
    ["fp16 GB", "~5.01"],
    ["int8 GB", "~2.51"],
    ["int4 B", "?"],
  ]);
});

test("nothing known at all", () => {
  const parameters = {
    total: null,
    active: null,
    activeNonEmbedding: null,
    embedding: null,
    stored: null,
    byDtype: {},
    byRole: null,
  };
  const unknown = model({ parameters, sizeClass: null, published: null, sizes: [size("fp16", null)] });
  expect(compare(unknown).map(([title, cell]) => [title, cell])).toEqual([
    ["Model", "google/gemma-2b"],
    ["Params", "?"],
    ["Class", "?"],
    ["On Hub B", "?"],
    ["fp16 B", "?"],
  ]);
});

test("schemes go by their family and name, levels by their name", () => {
  const sizes = ["gguf:Q4_K_M", "mediapipe:int4", "int4"].map((name) => size(name, 5e9, "predicted"));
  expect(
    compare(model({ sizes }))
      .slice(-3)
      .map(([title]) => title),
  ).toEqual(["gguf:Q4_K_M GB", "mediapipe:int4 GB", "int4 GB"]);
});

test("a name that would move the cursor is shown, not obeyed", () => {
  expect(compare(model({ id: "./\u001b[2Jx" }))[0]).toEqual(["Model", "./\\u{1b}[2Jx"]);
});

test("no models are no cells", () => {
  expect(compare().map(([, ...cells]) => cells)).toEqual([[], [], [], []]);
});
