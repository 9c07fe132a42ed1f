/** What a model needs at a context length, in each of several quantizations, held against devices. */
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
import type { Device } from "./devices.ts";
import { estimateDownloadSeconds, type NetworkSpeed } from "./download-time.ts";
import { findLargest, judgeFit, type Fit, type Largest } from "./fits.ts";
import { inferKvCacheLayers } from "./kv-cache-layers.ts";
import { NO_LIMIT_TOKENS } from "./token-count.ts";
import { addMemory, estimateOverheadBytes, readContextLength } from "./memory.ts";

export interface MemoryRequest extends MemoryOptions {
  readonly devices: readonly Device[];
  readonly connections: readonly NetworkSpeed[];
}

/** What has to be known of a model. */
export interface MemorySubject {
  readonly reference: string;
  readonly id: string;
  readonly config: Config | null;
  /** Why the config does not tell what the model keeps; null where it does. */
  readonly reason: string | null;
  readonly stored: readonly StoredWeights[];
}

/** The weights in one quantization. */
export interface StoredWeights {
  readonly quantization: string;
  readonly bytes: number | null;
  /** With the tokenizer and the config; null where these are not known. */
  readonly fetchBytes: number | null;
  /** Of the largest array, which a browser's buffer has to hold; null where it is not known. */
  readonly largestBytes: number | null;
}

export interface MemoryPlan extends MemoryOptions {
  /** Null where the kind of attention is not known; `reason` says why. */
  readonly kvCacheBytes: number | null;
  readonly kvCacheBytesPerToken: number | null;
  /** Beside the heaviest weights, where it is a share of them. */
  readonly overheadBytes: number;
  /** Tokens that the model was made for; null where its config does not say, or there is no limit. */
  readonly modelContext: number | null;
  readonly weights: PlannedWeights[];
  readonly devices: Device[];
  readonly fits: (Fit & { quantization: string })[];
  readonly largest: Largest[];
  readonly connections: NetworkSpeed[];
  readonly downloads: Download[];
  readonly reason: string | null;
}

interface PlannedWeights extends StoredWeights {
  readonly overheadBytes: number | null;
  readonly totalBytes: number | null;
  /** Tokens that the first device with a limit of memory holds beside the weights. */
  readonly maxContext: number | null;
  /** On the first connection. */
  readonly downloadSeconds: number | null;
}

/** How long one quantization takes on one connection. */
interface Download {
  readonly connection: string;
  readonly quantization: string;
  readonly weightsSeconds: number | null;
  /** With the tokenizer and the config. */
  readonly fetchSeconds: number | null;
}

/** Plans memory and download; what is not known is null. */
export function planMemory(subject: MemorySubject, request: MemoryRequest): MemoryPlan {
  const { config } = subject;
  const { devices, connections, ...conditions } = request;
  const cache = planCache(subject, conditions);
  const modelContext = config && readContextLength(config);
  const stored = subject.stored.map((weights) => {
    const overheadBytes = weights.bytes === null ? null : estimateOverheadBytes(config, weights.bytes);
    return {
      ...weights,
      overheadBytes,
      totalBytes: addMemory(weights.bytes, cache.kvCacheBytes, overheadBytes),
    };
  });

  const fits = stored.flatMap(({ quantization, bytes, overheadBytes, totalBytes, largestBytes }) =>
    devices.map((device) => ({
      quantization,
      ...judgeFit({ memory: totalBytes, buffer: largestBytes, download: bytes }, device),
      maxContext:
        bytes === null || overheadBytes === null || device.bounds !== "memory"
          ? null
          : findMaxContext(cache, modelContext, device.limitBytes - bytes - overheadBytes),
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
    ...conditions,
    kvCacheBytes: cache.kvCacheBytes,
    kvCacheBytesPerToken: cache.kvCacheBytesPerToken,
    overheadBytes: stored.reduce(
      (most, { overheadBytes }) => Math.max(most, overheadBytes ?? 0),
      estimateOverheadBytes(config, 0),
    ),
    modelContext,
    weights: stored.map((weights) => {
      const isOwn = ({ quantization }: { quantization: string }) => quantization === weights.quantization;
      return {
        ...weights,
        maxContext: fits.find((fit) => isOwn(fit) && fit.device === first?.id)?.maxContext ?? null,
        downloadSeconds: downloads.find(isOwn)?.weightsSeconds ?? null,
      };
    }),
    devices: [...devices],
    fits,
    largest: devices.map((device) => findLargest(device, stored, fits)),
    connections: [...connections],
    downloads,
    reason: cache.reason,
  };
}

/** Null where the cache is not known, or where there is none and the model names no length. */
function findMaxContext(
  { layers, request }: PlannedCache,
  modelContext: number | null,
  memoryBytes: number,
): number | null {
  if (!layers || (layers.length === 0 && modelContext === null)) return null;
  return computeMaxContext(layers, memoryBytes, modelContext ?? NO_LIMIT_TOKENS, request);
}

interface PlannedCache {
  readonly layers: readonly KvCacheLayer[] | null;
  readonly request: Omit<KvCacheRequest, "tokens">;
  readonly kvCacheBytes: number | null;
  readonly kvCacheBytesPerToken: number | null;
  readonly reason: string | null;
}

function planCache({ config, reason }: MemorySubject, { context, ...request }: MemoryOptions): PlannedCache {
  const unknown = (why: string) => ({
    layers: null,
    request,
    kvCacheBytes: null,
    kvCacheBytesPerToken: null,
    reason: why,
  });
  if (reason !== null) return unknown(reason);
  if (!config) return unknown("there is no config.json");
  const described = inferKvCacheLayers(config);
  if (isUnknown(described)) return unknown(described.reason);
  const { layers, headSizes } = described;
  // ggml-org/llama.cpp, src/llama-context.cpp: "K cache type with block size does not divide n_embd_head_k".
  const uneven = [...headSizes].find((size) => size % countBlockElements(request.kvDtype) !== 0);
  if (uneven !== undefined)
    return unknown(`llama.cpp keeps no heads of ${uneven} elements in ${request.kvDtype}`);
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
    return unknown("the cache is too large to be counted exactly");
  }
}
