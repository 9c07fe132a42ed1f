import { expect, test } from "vitest";
import { DEFAULT_MEMORY_OPTIONS } from "../../../src/memory/memory-options.ts";
import { planKvCache } from "../../../src/memory/kv-plan.ts";
import { configOf } from "../known-caches.ts";

const cacheOf = (model: string, isGguf: boolean) => {
  const plan = planKvCache(
    { config: configOf(model), reason: null, isGguf },
    { ...DEFAULT_MEMORY_OPTIONS, context: 32_768 },
  );
  return plan.kvCacheBytes;
};

test.each([
  // llama.cpp has no window for them: 32 layers × 32,768 tokens × 2 × 1,024 elements of 2 bytes.
  ["mistralai/Mistral-7B-v0.1", 32 * 4096 * 2048 * 2, 32 * 32_768 * 2048 * 2],
  // 26 layers, every sixth full: 22 windows of 512 tokens, to which llama.cpp adds a batch of 512.
  ["google/gemma-3-1b-it", (22 * 512 + 4 * 32_768) * 512 * 2, (22 * 1024 + 4 * 32_768) * 512 * 2],
  // Full attention in both.
  ["meta-llama/Llama-3.1-8B-Instruct", 32 * 32_768 * 2048 * 2, 32 * 32_768 * 2048 * 2],
])("%s: %d bytes from config.json, %d in llama.cpp", (model, own, converted) => {
  expect([cacheOf(model, false), cacheOf(model, true)]).toEqual([own, converted]);
});
