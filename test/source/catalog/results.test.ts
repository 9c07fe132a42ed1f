import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findCatalogResult } from "../../../src/source/catalog/results.ts";
import { buildResults, RESULTS } from "../../catalog/build-results.ts";

const LEVELS = '[null,null,[["fp32",{}],["fp16",{}],["int8",{}],["int4",{}]]]';

test("each result is what its model measures now, counted anew", async () => {
  const text = readFileSync(RESULTS, "utf8");
  expect(text === (await buildResults()), "run npx tsx test/catalog/build-results.ts").toBe(true);
});

test("a result is that of a plain run, and of no other", () => {
  expect(findCatalogResult("google/gemma-2b", LEVELS)).toMatchObject({
    parameters: { total: 2_506_172_416 },
  });
  expect(findCatalogResult("google/gemma-2b", LEVELS.replace("fp32", "fp16"))).toBeNull();
  expect(findCatalogResult("acme/model", LEVELS)).toBeNull();
  expect(findCatalogResult("__proto__", LEVELS)).toBeNull();
});
