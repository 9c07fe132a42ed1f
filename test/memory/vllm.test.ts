import { expect, test } from "vitest";
import { computeKvCacheBytes } from "../../src/memory/kv-cache.ts";
import { planTensorParallel } from "../../src/memory/vllm.ts";
import { layersOrNull, configOf } from "./known-caches.ts";

const GIB = 2 ** 30;
const layers = layersOrNull(configOf("meta-llama/Llama-3.1-8B-Instruct")) ?? [];

const plan = (gpuBytes: readonly number[], changes = {}) =>
  planTensorParallel({
    gpuMemoryUtilization: 0.9,
    splitBytes: 16_060_522_496,
    wholeBytes: 532_480,
    heads: 32,
    kvHeads: 8,
    hidden: 4096,
    feedForward: 14_336,
    vocabulary: 128_256,
    layers,
    kvCache: { kvDtype: "bf16" },
    draftBytes: 0,
    gpuBytes,
    ...changes,
  });

// vllm-project/vllm/pull/10511: the same model on H100s of 79.22 GiB.
test.each([
  [1, 14.96, 53.29],
  [2, 7.48, 58.97],
])("on %d GPUs: %d GiB of weights, %d GiB for the cache", (count, weights, cache) => {
  const { weightsBytes, cacheBytes, gpus } = plan(Array.from({ length: count }, () => 79.22 * GIB));
  expect(gpus).toBe(count);
  expect(weightsBytes / GIB).toBeCloseTo(weights, 1);
  expect(cacheBytes / GIB).toBeCloseTo(cache, 1);
});

test("heads of keys are shared between GPUs, and repeated where there are more GPUs", () => {
  const whole = computeKvCacheBytes(layers, { tokens: 4096 });
  const share = (count: number) =>
    plan(Array.from({ length: count }, () => 24e9)).countSequenceBytes(4096) / whole;
  expect([1, 2, 8, 16].map(share)).toEqual([1, 1 / 2, 1 / 8, 1 / 8]);
});

test("as many GPUs as the heads can be divided by, and the smallest decides", () => {
  expect(plan([24e9, 24e9, 24e9]).gpus).toBe(2);
  expect(plan([24e9, 48e9]).cacheBytes).toBe(plan([24e9, 24e9]).cacheBytes);
});
