import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countPublishedActive, renderActive } from "./active.ts";
import { countLayouts, renderCounters } from "./counters.ts";
import { predictPublished } from "./published.ts";
import { countRealModels } from "./real-counts.ts";
import { renderScanAccuracy } from "./scan-corpus.ts";
import { isRight, renderAccuracy } from "./tables.ts";

const outcomes = predictPublished();
const exact = outcomes.filter(({ rounded }) => !rounded);
const errors = exact.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);

describe("published sizes", () => {
  test("98 % of the exact ones are met within 0.1 % by the prediction or a variant, half of them within 0.001 %", () => {
    expect(exact.length).toBeGreaterThan(280);
    expect(exact.filter(isRight).length / exact.length).toBeGreaterThanOrEqual(0.98);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.00001);
  });

  test("GGUF files nearly all within 0.001 %, half within 0.0001 %", () => {
    const gguf = exact.filter(({ family }) => family === "gguf");
    const sorted = gguf.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);
    expect(sorted.length).toBeGreaterThan(150);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(1e-6);
    expect(sorted.filter((error) => error < 1e-5).length / sorted.length).toBeGreaterThan(0.93);
  });

  test("no size is outside its band without a variant", () => {
    const outside = exact.filter(({ error, errorBand }) => Math.abs(error) > errorBand);
    expect(outside.map(({ published, scheme }) => `${published}, ${scheme}`)).toEqual([]);
  });

  test("a size has two variants at the median and eight at most", () => {
    const counts = exact.map(({ variants }) => variants).toSorted((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(2);
    expect(counts.at(-1)).toBeLessThanOrEqual(8);
  });

  test("rounded ones are met within their rounding", () => {
    for (const { rounded, error } of outcomes) if (rounded) expect(Math.abs(error)).toBeLessThan(0.006);
  });
});

test.each(countLayouts())("$name is counted exactly", ({ ours, truth }) => expect(ours).toBe(truth));

describe("counted to the unit", () => {
  const { wellKnown, more } = countRealModels();

  test("well-known models", () => {
    expect(wellKnown.length).toBeGreaterThan(50);
    expect(wellKnown.flatMap(({ fault }) => fault ?? [])).toEqual([]);
  });

  test("more models, those with prediction layers, saved again, and classes of transformers", () => {
    expect(more.length).toBeGreaterThan(670);
    expect(more.flatMap(({ fault }) => fault ?? [])).toEqual([]);
  });
});

test("one of both counts of active parameters is the published one, which is rounded", () => {
  const counts = countPublishedActive();
  expect(counts.length).toBeGreaterThan(20);
  const distances = counts.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);
  for (const { id, error, published } of counts) {
    const decimals = String(published / 1e9).split(".")[1]?.length ?? 0;
    // IBM publishes 1.465 billion as 1B.
    const rounding = (0.5 * 10 ** -decimals * 1e9) / published;
    expect(Math.abs(error), id).toBeLessThan(0.07 + rounding);
  }
  expect(distances[Math.floor(distances.length / 2)]).toBeLessThan(0.02);
  // Published with three digits.
  const byId = new Map(counts.map((row) => [row.id, row.activeNonEmbedding]));
  expect(byId.get("openai/gpt-oss-20b")).toBe(3_608_307_264);
  expect(byId.get("openai/gpt-oss-120b")).toBe(5_132_849_472);
});

/** Tables alike in all but the widths of their columns. */
const normalize = (text: string) => text.replace(/ *\| *| *\|$/gm, "|").replace(/-+:?/g, "-");
const readPage = (name: string) =>
  normalize(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"));

test("docs/scan.md shows the table of scanned code", () => {
  expect(readPage("scan.md")).toContain(normalize(renderScanAccuracy()));
});

test("docs/accuracy.md shows the tables that npm run accuracy prints", () => {
  const page = readPage("accuracy.md");
  expect(page).toContain(normalize(renderAccuracy()));
  expect(page).toContain(normalize(renderCounters()));
  expect(page).toContain(normalize(renderActive()));
});
