/** What a model needs at a context length, in each of several quantizations, held against devices. */
import type { Config } from "../model/config.ts";
import {
  computeBytesPerToken,
  computeCacheBytes,
  computeMaxContext,
  type CacheDtype,
  type CacheLayout,
} from "./cache.ts";
import type { Device } from "./devices.ts";
import { estimateDownloadSeconds } from "./download-time.ts";
import { judgeFit, type Fit } from "./fits.ts";
import { describeCacheLayers } from "./layers.ts";
import { addMemory, estimateOverheadBytes, readContextLength } from "./memory.ts";

export interface MemoryRequest {
  readonly context: number;
  readonly batch: number;
  readonly cacheDtype: CacheDtype;
  readonly layout: CacheLayout;
  readonly devices: readonly Device[];
  /** Bits per second; null where no download time is asked for. */
  readonly bandwidth: number | null;
}

/** The weights in one quantization. */
export interface StoredWeights {
  readonly quantization: string;
  readonly bytes: number | null;
}

export interface MemoryPlan {
  readonly context: number;
  readonly batch: number;
  readonly cacheDtype: CacheDtype;
  /** Null where the kind of attention is not known; `reason` says why. */
  readonly cacheBytes: number | null;
  readonly cacheBytesPerToken: number | null;
  readonly overheadBytes: number;
  readonly weights: {
    quantization: string;
    bytes: number | null;
    totalBytes: number | null;
    /** Tokens that the first device holds beside the weights, at most those the model was made for. */
    maxContext: number | null;
    downloadSeconds: number | null;
  }[];
  readonly fits: (Fit & { quantization: string })[];
  readonly reason: string | null;
}

/** A model whose config gives no limit: RWKV and Mamba read on. */
const NO_LIMIT_TOKENS = 2 ** 30;

/**
 * `largestShare` is the part of all weights that stands in the largest tensor, which a browser's buffer has to hold.
 */
export function planMemory(
  config: Config | null,
  stored: readonly StoredWeights[],
  largestShare: number | null,
  request: MemoryRequest,
): MemoryPlan {
  const { context, batch, cacheDtype, layout, devices, bandwidth } = request;
  const described = config
    ? describeCacheLayers(config)
    : { layers: null, reason: "there is no config.json" };
  const { layers } = described;
  const cache = { batch, cacheDtype, layout };
  const cacheBytes = layers && computeCacheBytes(layers, { ...cache, tokens: context });
  const overheadBytes = estimateOverheadBytes(config, Math.max(0, ...stored.map(({ bytes }) => bytes ?? 0)));
  const [first] = devices.filter(({ bounds }) => bounds === "memory");
  const longest = (config && readContextLength(config)) ?? NO_LIMIT_TOKENS;
  const weights = stored.map(({ quantization, bytes }) => ({
    quantization,
    bytes,
    totalBytes: bytes === null ? null : addMemory(bytes, cacheBytes, overheadBytes).totalBytes,
    maxContext:
      bytes === null || !layers || !first
        ? null
        : computeMaxContext(layers, first.memoryBytes - bytes - overheadBytes, longest, cache),
    downloadSeconds: bytes === null || bandwidth === null ? null : estimateDownloadSeconds(bytes, bandwidth),
  }));
  return {
    context,
    batch,
    cacheDtype,
    cacheBytes,
    cacheBytesPerToken: layers && computeBytesPerToken(layers, { ...cache, tokens: context }),
    overheadBytes,
    weights,
    fits: weights.flatMap(({ quantization, bytes, totalBytes }) => {
      const buffer = bytes === null || largestShare === null ? null : Math.ceil(bytes * largestShare);
      const needs = { memory: totalBytes, buffer, download: bytes };
      return devices.map((device) => ({ quantization, ...judgeFit(needs, device) }));
    }),
    reason: layers ? null : described.reason,
  };
}
