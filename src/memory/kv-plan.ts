/** The KV cache of a model under the options of a run. */
import { isUnknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import {
  computeKvCacheBytes,
  computeKvCacheBytesPerToken,
  countBlockElements,
  type KvCacheLayer,
  type KvCacheRequest,
} from "./kv-cache.ts";
import { inferKvCacheLayers } from "./kv-cache-layers.ts";
import { convertKvCache } from "./llama-cpp/converted.ts";
import type { MemoryOptions } from "./memory-options.ts";

export interface PlannedKvCache {
  readonly layers: readonly KvCacheLayer[] | null;
  readonly request: Omit<KvCacheRequest, "tokens">;
  readonly kvCacheBytes: number | null;
  readonly kvCacheBytesPerToken: number | null;
  readonly reason: string | null;
}

interface KvCacheInput {
  readonly config: Config | null;
  /** Why the KV cache cannot be computed from the config; null where it can. */
  readonly reason: string | null;
  /** Planned for a GGUF file, as llama.cpp reserves it. */
  readonly isGguf: boolean;
}

export function planKvCache(
  { config, reason, isGguf }: KvCacheInput,
  { context, ...options }: MemoryOptions,
): PlannedKvCache {
  const nothing = { layers: null, request: options, kvCacheBytes: null, kvCacheBytesPerToken: null };
  if (reason !== null) return { ...nothing, reason };
  if (!config) return { ...nothing, reason: "there is no config.json" };
  const inferred = inferKvCacheLayers(config);
  if (isUnknown(inferred)) return { ...nothing, reason: inferred.reason };
  const { layers, headSizes, engine } = isGguf ? convertKvCache(inferred, config) : inferred;
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
