import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countLayouts, renderCounters } from "./counters.ts";
import { predictPublished } from "./published.ts";
import { isRight, renderAccuracy } from "./tables.ts";

const outcomes = predictPublished();
const exact = outcomes.filter(({ rounded }) => !rounded);
const errors = exact.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);

describe("published sizes", () => {
  test("95 % of the exact ones are met within 0.1 % by the prediction or a variant, half of them within 0.001 %", () => {
    expect(exact.length).toBeGreaterThan(230);
    expect(exact.filter(isRight).length / exact.length).toBeGreaterThanOrEqual(0.95);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.00001);
  });

  test("GGUF files nearly all within 0.001 %, half within 0.0001 %", () => {
    const gguf = exact.filter(({ family }) => family === "gguf");
    const sorted = gguf.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);
    expect(sorted.length).toBeGreaterThan(150);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(1e-6);
    expect(sorted.filter((error) => error < 1e-5).length / sorted.length).toBeGreaterThan(0.93);
  });

  test("a size outside its band has a variant that explains it, or a note", () => {
    const unexplained = exact.filter(
      ({ error, errorBand, note }) => Math.abs(error) > errorBand && note === null,
    );
    expect(unexplained).toEqual([]);
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

test("docs/accuracy.md shows the tables that npm run accuracy prints", () => {
  const page = readFileSync(new URL("../../docs/accuracy.md", import.meta.url), "utf8")
    .replace(/ *\| *| *\|$/gm, "|")
    .replace(/-+:?/g, "-");
  const normalize = (table: string) => table.replace(/ *\| *| *\|$/gm, "|").replace(/-+:?/g, "-");
  expect(page).toContain(normalize(renderAccuracy()));
  expect(page).toContain(normalize(renderCounters()));
});
