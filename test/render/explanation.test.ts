import { expect, test } from "vitest";
import type { Explanation } from "../../src/contract/types.ts";
import { renderExplanation } from "../../src/render/explanation.ts";
import { PLAIN } from "../../src/render/options.ts";
import { GEMMA_2B, report } from "./models.ts";

const EXPLANATION: Explanation = {
  schemaVersion: 1,
  generator: report().generator,
  model: GEMMA_2B,
  tensors: null,
  files: {
    used: Array.from({ length: 20 }, (_, index) => ({ path: `shard-${index + 1}`, bytes: 1_000_000 })),
    notUsed: [],
  },
  hub: null,
  failures: [],
};

const render = (isTerminal: boolean, explanation = EXPLANATION) =>
  renderExplanation(explanation, "text", { width: 80, paint: PLAIN, units: "si", isTerminal });

test("a terminal gets the first files and the sum of the others", async () => {
  const text = await render(true);
  expect(text).toMatch(/^ {2}shard-11 +1 MB\n {2}and 9 more +9 MB$/m);
  expect(text).not.toContain("shard-12");
});

test("a pipe or a file gets them all", async () => {
  const text = await render(false);
  expect(text).toContain("shard-20");
  expect(text).not.toContain("more");
});

test("without a model there is nothing to explain", async () => {
  expect(await render(false, { ...EXPLANATION, model: null })).toBe("");
});
