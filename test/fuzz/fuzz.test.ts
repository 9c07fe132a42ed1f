/** A short run of each target. */
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";
import { buildTargets } from "./targets.ts";

const TARGETS = buildTargets();

test.each(TARGETS)("$name: nothing unexpected in a short run", async (target) => {
  expect(target.seeds.length).toBeGreaterThan(0);
  const { executions } = await fuzz(target, { runs: 25, seed: Date.now() % 2 ** 31 });
  expect(executions).toBeGreaterThanOrEqual(25);
});
