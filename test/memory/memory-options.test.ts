import { expect, test } from "vitest";
import { measure, type MemoryOptions } from "../../src/index.ts";
import { parseMemoryOptions } from "../../src/memory/memory-options.ts";

test("what is not given is usual", () => {
  expect(parseMemoryOptions({ context: 8192 })).toEqual({
    context: 8192,
    batch: 1,
    kvDtype: "bf16",
    layout: "optimized",
  });
});

test.each<[string, object]>([
  ["no context", { context: 0 }],
  ["half a token", { context: 0.5 }],
  ["a context of text", { context: "8k" }],
  ["too long a context", { context: 1e9 }],
  ["no sequence", { batch: 0 }],
  ["too many sequences", { batch: 10_000 }],
  ["a dtype that is none", { kvDtype: "int3" }],
  ["a layout that is none", { layout: "half" }],
])("%s is refused", (_what, conditions) => {
  expect(() => parseMemoryOptions(conditions as Partial<MemoryOptions>)).toThrow(/must be/);
});

test("measure() plans memory where it is asked to", async () => {
  const memoryOf = async (memory?: Partial<MemoryOptions>) =>
    (await measure("gemma-2b", { offline: true, ...(memory && { memory }) })).models[0]?.memory;
  expect(await memoryOf()).toBeNull();
  expect(await memoryOf({ context: 8192 })).toMatchObject({ kvCacheBytes: 8192 * 18_432, devices: [] });
});
