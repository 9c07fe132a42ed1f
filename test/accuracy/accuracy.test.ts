import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countLayouts, renderCounters } from "./counters.ts";
import { predictPublished } from "./published.ts";
import { renderAccuracy } from "./tables.ts";

const outcomes = predictPublished();
const exact = outcomes.filter(({ rounded }) => !rounded);
const errors = exact.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);

describe("published sizes", () => {
  test("95 % of the exact ones are met within 0.5 %, half of them within 0.01 %", () => {
    expect(exact.length).toBeGreaterThan(130);
    expect(errors.filter((error) => error <= 0.005).length / errors.length).toBeGreaterThanOrEqual(0.95);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.0001);
  });

  test("every miss is explained", () => {
    expect(exact.filter(({ error, note }) => Math.abs(error) > 0.005 && note === null)).toEqual([]);
  });

  test("rounded ones are met within their rounding", () => {
    for (const { rounded, bytes, predictedBytes } of outcomes)
      if (rounded) expect(Math.abs(predictedBytes / bytes - 1)).toBeLessThan(0.002);
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
