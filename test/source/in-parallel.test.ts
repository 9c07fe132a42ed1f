import { expect, test } from "vitest";
import { workInParallel } from "../../src/source/in-parallel.ts";

test("some items at a time, in their order, from any iterable", async () => {
  const begun: number[] = [];
  let underWay = 0;
  let most = 0;
  const items = (async function* () {
    yield* [0, 1, 2, 3, 4, 5];
  })();
  await workInParallel(items, 2, async (item) => {
    begun.push(item);
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
  });
  expect([begun, most]).toEqual([[0, 1, 2, 3, 4, 5], 2]);
});

test("the first error ends it, and no further item is begun", async () => {
  const begun: number[] = [];
  const failing = workInParallel([0, 1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error("enough");
    await new Promise((resolve) => setImmediate(resolve));
  });
  await expect(failing).rejects.toThrow("enough");
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(begun).toEqual([0, 1]);
});
