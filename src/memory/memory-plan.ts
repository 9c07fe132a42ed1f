/** Compute the memory that a model needs at a context length, per quantization, and the devices that it fits on. */
import type { MemoryReport } from "../contract/types.ts";
import { isUnknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import {
  computeKvCacheBytesPerToken,
  computeKvCacheBytes,
  computeMaxContext,
  countBlockElements,
  type KvCacheRequest,
  type KvCacheLayer,
} from "./kv-cache.ts";
import type { MemoryOptions } from "./memory-options.ts";
import type { Device } from "./device.ts";
import { estimateDownloadSeconds, type NetworkSpeed } from "./download-time.ts";
import { judgeFit } from "./fits.ts";
import { inferKvCacheLayers } from "./kv-cache-layers.ts";
import { NO_LIMIT_TOKENS } from "../contract/terms.ts";
import { addMemory, estimateOverheadBytes, readContextLength } from "./memory.ts";
import { recommend } from "./recommend.ts";

export interface MemoryRequest extends MemoryOptions {
  readonly devices: readonly Device[];
  readonly connections: readonly NetworkSpeed[];
}

export interface MemoryInput {
  readonly config: Config | null;
  /** Why the KV cache cannot be computed from the config; null where it can. */
  readonly reason: string | null;
  readonly weights: readonly StoredWeights[];
}

/** The weights in one quantization. The largest array has to fit a browser's buffer. */
export type StoredWeights = Readonly<
  Pick<MemoryReport["weights"][number], "quantization" | "bytes" | "fetchBytes" | "largestBytes"> & {
    bitsPerWeight?: number | null;
  }
>;

/** Plan memory and download. What is not known is null. */
export function planMemory(input: MemoryInput, request: MemoryRequest): MemoryReport {
  const { config } = input;
  const { devices, connections, ...options } = request;
  const kvCache = planKvCache(input, options);
  const modelContext = config && readContextLength(config);
  const countOverhead = (weightsBytes: number, tokens = options.context) =>
    estimateOverheadBytes({ ...options, config, layers: kvCache.layers, weightsBytes, tokens });
  const stored = input.weights.map((weights) => {
    const overheadBytes = weights.bytes === null ? null : countOverhead(weights.bytes);
    return {
      ...weights,
      overheadBytes,
      totalBytes: addMemory(weights.bytes, kvCache.kvCacheBytes, overheadBytes),
    };
  });

  const choices = stored.map(({ quantization, bitsPerWeight = null, bytes, totalBytes, largestBytes }) => ({
    quantization,
    bitsPerWeight,
    needs: { memory: totalBytes, buffer: largestBytes, download: bytes },
  }));
  const fits = choices.flatMap(({ quantization, needs }) =>
    devices.map((device) => ({
      quantization,
      ...judgeFit(needs, device),
      maxContext:
        needs.download === null || device.bounds !== "memory"
          ? null
          : findMaxContext(kvCache, modelContext, {
              memoryBytes: device.limitBytes - needs.download,
              countOtherBytes: (tokens) => countOverhead(needs.download ?? 0, tokens),
            }),
    })),
  );
  const downloads = stored.flatMap(({ quantization, bytes, fetchBytes }) =>
    connections.map(({ id, bitsPerSecond }) => ({
      connection: id,
      quantization,
      weightsSeconds: bytes === null ? null : estimateDownloadSeconds(bytes, bitsPerSecond),
      fetchSeconds: fetchBytes === null ? null : estimateDownloadSeconds(fetchBytes, bitsPerSecond),
    })),
  );
  const first = devices.find(({ bounds }) => bounds === "memory");
  return {
    ...options,
    kvCacheBytes: kvCache.kvCacheBytes,
    kvCacheBytesPerToken: kvCache.kvCacheBytesPerToken,
    overheadBytes: stored.reduce(
      (most, { overheadBytes }) => Math.max(most, overheadBytes ?? 0),
      countOverhead(0),
    ),
    modelContext,
    weights: stored.map(({ quantization, bytes, fetchBytes, largestBytes, overheadBytes, totalBytes }) => {
      const weights = { quantization, bytes, fetchBytes, largestBytes, overheadBytes, totalBytes };
      const isOwn = (one: { quantization: string }) => one.quantization === quantization;
      return {
        ...weights,
        maxContext: fits.find((fit) => isOwn(fit) && fit.device === first?.id)?.maxContext ?? null,
        downloadSeconds: downloads.find(isOwn)?.weightsSeconds ?? null,
      };
    }),
    devices: [...devices],
    fits,
    recommendations: devices.map((device) => recommend(device, choices, fits)),
    connections: [...connections],
    downloads,
    reason: kvCache.reason,
  };
}

/** Find the most tokens that fit; null where the KV cache is not known, or there is none and no context length is stated. */
function findMaxContext(
  { layers, request }: PlannedKvCache,
  modelContext: number | null,
  { memoryBytes, countOtherBytes }: { memoryBytes: number; countOtherBytes: (tokens: number) => number },
): number | null {
  if (!layers || (layers.length === 0 && modelContext === null)) return null;
  return computeMaxContext(layers, memoryBytes, modelContext ?? NO_LIMIT_TOKENS, {
    ...request,
    countOtherBytes,
  });
}

interface PlannedKvCache {
  readonly layers: readonly KvCacheLayer[] | null;
  readonly request: Omit<KvCacheRequest, "tokens">;
  readonly kvCacheBytes: number | null;
  readonly kvCacheBytesPerToken: number | null;
  readonly reason: string | null;
}

function planKvCache(
  { config, reason }: MemoryInput,
  { context, ...options }: MemoryOptions,
): PlannedKvCache {
  const nothing = { layers: null, request: options, kvCacheBytes: null, kvCacheBytesPerToken: null };
  if (reason !== null) return { ...nothing, reason };
  if (!config) return { ...nothing, reason: "there is no config.json" };
  const kvCache = inferKvCacheLayers(config);
  if (isUnknown(kvCache)) return { ...nothing, reason: kvCache.reason };
  const { layers, headSizes, engine } = kvCache;
  // ggml-org/llama.cpp, src/llama-context.cpp: "K cache type with block size does not divide n_embd_head_k".
  const uneven = [...headSizes].find((size) => size % countBlockElements(options.kvDtype) !== 0);
  if (uneven !== undefined)
    return { ...nothing, reason: `llama.cpp keeps no heads of ${uneven} elements in ${options.kvDtype}` };
  const request = { ...options, engine };
  try {
    return {
      layers,
      request,
      kvCacheBytes: computeKvCacheBytes(layers, { ...request, tokens: context }),
      kvCacheBytesPerToken: computeKvCacheBytesPerToken(layers, { ...request, tokens: context }),
      reason: null,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...nothing, reason: "the KV cache is too large to be counted exactly" };
  }
}
