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
import { inferGgufLayers } from "../../../src/memory/llama-cpp/layers.ts";
import { readWidths } from "../../../src/memory/llama-cpp/model-widths.ts";
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

test("a GPU expands one layer of a quantized cache to 16 bits", () => {
  const layers = [{ kind: "full", elements: 4096 } as const, { kind: "none" } as const];
  expect(computeExpandedCacheBytes(layers, { tokens: 262_144, batch: 1 })).toBe(2 ** 31);
});
