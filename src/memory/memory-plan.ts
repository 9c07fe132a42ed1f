/** Compute the memory that a model needs at a context length, per quantization. */
import type { MemoryReport } from "../contract/types.ts";
import { planKvCache } from "./kv-plan.ts";
import { planOverhead, readContextLength } from "./memory.ts";
import type { MemoryOptions } from "./memory-options.ts";
import { planWeights, type MemoryInput, type PlannedWeights } from "./planned-weights.ts";

export type { DraftModel, MemoryInput, StoredWeights } from "./planned-weights.ts";

/** Plan memory, wherever the model runs. What is not known is null. */
export function planMemory(input: MemoryInput, options: MemoryOptions): MemoryReport {
  return buildMemoryReport(input, options, planWeights(input, options, null));
}

/** Build the document of a plan without devices; a plan with devices fills them in. */
export function buildMemoryReport(
  input: MemoryInput,
  { context, batch, kvDtype, layout }: MemoryOptions,
  rows: readonly PlannedWeights[],
): MemoryReport {
  const { config } = input;
  const options = { context, batch, kvDtype, layout };
  const own = planKvCache({ ...input, isGguf: false }, options);
  const [largest = own] = rows
    .map(({ kvCache }) => kvCache)
    .toSorted((a, b) => (b.kvCacheBytes ?? 0) - (a.kvCacheBytes ?? 0));
  return {
    ...options,
    kvCacheBytes: largest.kvCacheBytes,
    kvCacheBytesPerToken: largest.kvCacheBytesPerToken,
    overheadBytes: Math.max(
      planOverhead({ ...options, config, layers: own.layers })(0, context),
      ...rows.map(({ overheadBytes }) => overheadBytes ?? 0),
    ),
    modelContext: config && readContextLength(config),
    draft: null,
    weights: rows.map(({ stored, kvCache, draftBytes, overheadBytes, totalBytes }) => {
      const { quantization, bytes, fetchBytes, largestBytes } = stored;
      const { kvCacheBytes } = kvCache;
      return {
        quantization,
        bytes,
        fetchBytes,
        largestBytes,
        kvCacheBytes,
        overheadBytes,
        draftBytes,
        totalBytes,
        maxContext: null,
        downloadSeconds: null,
      };
    }),
    devices: [],
    fits: [],
    recommendations: [],
    placements: [],
    training: null,
    connections: [],
    downloads: [],
    reason: largest.reason,
  };
}
