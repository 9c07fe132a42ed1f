import { expect, test } from "vitest";
import { FAULT_NAMES, STAGE_NAMES } from "./faults.ts";
import { findBroken, runMatrix } from "./matrix.ts";

test("whatever befalls a request, the run ends in time, right or with a reason, and leaves nothing behind", async () => {
  const results = await runMatrix();
  expect(results.flatMap(findBroken)).toEqual([]);
  expect(new Set(results.map(({ fault }) => fault))).toEqual(new Set(FAULT_NAMES));
  expect(new Set(results.map(({ stage }) => stage))).toEqual(new Set(STAGE_NAMES));
}, 120_000);
