import { expect, test } from "vitest";
import { isUnknown } from "../../../src/contract/unknown.ts";
import { buildConfig } from "../../../src/format/config.ts";
import { buildGgufConfig } from "../../../src/format/gguf/config.ts";
import type { GgufValue } from "../../../src/format/gguf/metadata.ts";
import { computeKvCacheBytes } from "../../../src/memory/kv-cache.ts";
import {
  computeExpandedCacheBytes,
  estimateComputeBuffer,
  readWidths,
} from "../../../src/memory/llama-cpp/compute-buffer.ts";
import { inferGgufLayers } from "../../../src/memory/llama-cpp/layers.ts";
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
  return { kept, estimated: estimateComputeBuffer(widths, kvCache.layers, { ...request, flashAttention }) };
}

/**
 * llama.cpp's allocator cannot always put the logits into the hole that the mask leaves, which depends on the order of the
 * smallest operations. These few are more than a tenth too low.
 */
const HOLES = [
  "gemma-4-e2b at 131072 by 512 in fp16: -14 %",
  "gemma-4-e2b at 131072 by 512 in q4_0: -14 %",
  "openelm-270m at 32768 by 512 in fp16: -21 %",
  "openelm-270m at 32768 by 2048 in fp16: -21 %",
  "openelm-270m at 32768 by 512 in q8_0: -21 %",
  "kimi-linear-48b-a3b at 131072 by 512 in fp16: -14 %",
  "kimi-linear-48b-a3b at 131072 by 512 in q4_0: -14 %",
  "qwen3.5-27b at 131072 by 512 in fp16: -12 %",
];

test("within 10 % of what llama.cpp reserves", () => {
  const off = MEASURED.flatMap((row) => {
    const { kept, estimated } = estimate(row);
    const error = estimated / (row.keptAndComputeBytes - kept) - 1;
    const { context, ubatch } = row.run;
    return Math.abs(error) > 0.1
      ? [`${row.name} at ${context} by ${ubatch} in ${row.run.kvDtype}: ${(100 * error).toFixed(0)} %`]
      : [];
  });
  expect(off).toEqual(HOLES);
});

test("a GPU expands one layer of a quantized cache to 16 bits", () => {
  const layers = [{ kind: "full", elements: 4096 } as const, { kind: "none" } as const];
  expect(computeExpandedCacheBytes(layers, { tokens: 262_144, batch: 1 })).toBe(2 ** 31);
});
