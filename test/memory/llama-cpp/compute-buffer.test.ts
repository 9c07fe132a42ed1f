import { expect, test } from "vitest";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { buildConfig } from "../../../src/format/config.ts";
import { buildGgufConfig } from "../../../src/format/gguf/config.ts";
import type { GgufValue } from "../../../src/format/gguf/metadata.ts";
import { computeKvCacheBytes } from "../../../src/memory/kv-cache.ts";
import {
  computeExpandedCacheBytes,
  estimateComputeBuffer,
} from "../../../src/memory/llama-cpp/compute-buffer.ts";
import { planKvCache } from "../../../src/memory/kv-plan.ts";
import { inferGgufLayers } from "../../../src/memory/llama-cpp/layers.ts";
import { readWidths } from "../../../src/memory/llama-cpp/model-widths.ts";
import { planOverhead } from "../../../src/memory/memory.ts";
import { configOf } from "../known-caches.ts";
import { MEASURED } from "./measured.ts";

type Row = (typeof MEASURED)[number];

function estimate({ architecture, vocabulary, words, run }: Row) {
  const kvCache = inferGgufLayers(architecture, words, run);
  const metadata = Object.entries(words).map(
    ([key, value]) => [`${architecture}.${key}`, value as GgufValue] as const,
  );
  const widths = readWidths(buildConfig(buildGgufConfig(architecture, new Map(metadata))), vocabulary);
  if (isUnknown(kvCache) || !widths) throw new Error(`${architecture} is not understood`);
  const { context, sequences, ubatch, kvDtype, flashAttention } = run;
  const request = { tokens: context / sequences, batch: sequences, ubatch };
  const kept = computeKvCacheBytes(kvCache.layers, { ...request, kvDtype, engine: "llama.cpp" });
  return {
    kept,
    estimated: estimateComputeBuffer(widths, kvCache.layers, {
      ...request,
      flashAttention,
      isQuantized: kvDtype !== "fp16",
    }),
  };
}

test("within 10 % of what llama.cpp reserves, and mostly exact", () => {
  const errors = MEASURED.map((row) => {
    const { kept, estimated } = estimate(row);
    return { ...row.run, name: row.name, error: estimated / (row.keptAndComputeBytes - kept) - 1 };
  });
  const off = errors.flatMap(({ name, context, ubatch, kvDtype, error }) =>
    Math.abs(error) > 0.1
      ? [`${name} at ${context} by ${ubatch} in ${kvDtype}: ${(100 * error).toFixed(0)} %`]
      : [],
  );
  expect(off).toEqual([]);
  expect(errors.filter(({ error }) => Math.abs(error) < 0.005).length).toBeGreaterThan(0.85 * errors.length);
});

test.each([
  ["meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"],
  ["google/gemma-3-4b-it", "gemma-3-4b"], // its config leaves out heads and vocabulary
  ["google/gemma-4-31B-it", "gemma-4-31b"],
  ["openai/gpt-oss-20b", "gpt-oss-20b"],
  ["Qwen/Qwen3.5-27B", "qwen3.5-27b"],
  ["LiquidAI/LFM2-1.2B", "lfm2-1.2b"], // 8,192 of the 12,288 that its config states
  ["ai21labs/Jamba-v0.1", "jamba-v0.1"],
  ["state-spaces/mamba-130m-hf", "mamba-130m"],
  ["deepseek-ai/DeepSeek-V3", "deepseek-v3"],
])("%s: the same from its config.json", (id, measured) => {
  const config = configOf(id);
  const rows = MEASURED.filter(
    ({ name, run }) =>
      name === measured && run.ubatch === 512 && run.flashAttention && run.kvDtype === "fp16",
  );
  expect(rows.length).toBeGreaterThan(3);
  for (const row of rows) {
    const { context, sequences, kvDtype } = row.run;
    const options = { context: context / sequences, batch: sequences, kvDtype, layout: "optimized" as const };
    const { layers } = planKvCache({ config, reason: null, isGguf: true }, options);
    const planned = planOverhead({ ...options, config, layers })(0, options.context);
    // Gemma 3 ends with a window in 34 layers, and with full attention in the 12 measured.
    expect(Math.abs(planned / (row.keptAndComputeBytes - estimate(row).kept) - 1)).toBeLessThan(0.01);
  }
});

test("a GPU expands one layer of a quantized cache to 16 bits", () => {
  const layers = [{ kind: "full", elements: 4096 } as const, { kind: "none" } as const];
  expect(computeExpandedCacheBytes(layers, { tokens: 262_144, batch: 1 })).toBe(2 ** 31);
});
