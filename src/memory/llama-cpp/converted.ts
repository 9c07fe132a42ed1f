/** The caches that llama.cpp keeps for a model that is converted to GGUF from its checkpoint. */
import { readString, type Config } from "../../format/config.ts";
import { findArchitecture } from "../../model/architectures.ts";
import type { KvCacheLayer, KvCacheLayers } from "../kv-cache.ts";
import { findLlamaCppArchitecture, type LlamaCppArchitecture } from "./architectures.ts";

/**
 * Convert the caches that follow from config.json: llama.cpp keeps the whole context of mistralai/Mistral-7B-v0.1 and
 * microsoft/Phi-3-mini-4k-instruct, whose windows it does not have, the heads of openbmb/MiniCPM3-4B, whose latents it
 * expands, and states in 32 bits. A type that llama.cpp does not know keeps what its config states.
 */
export function convertKvCache(kvCache: KvCacheLayers, config: Config): KvCacheLayers {
  const modelType = readString(config.text, "model_type") ?? config.modelType ?? "";
  const architecture = findLlamaCppArchitecture(findArchitecture(modelType)?.gguf ?? modelType);
  if (architecture === null || kvCache.engine !== "any") return kvCache;
  return {
    ...kvCache,
    layers: kvCache.layers.map((layer) => convertLayer(layer, architecture)),
    engine: "llama.cpp",
  };
}

function convertLayer(layer: KvCacheLayer, { window, mla }: LlamaCppArchitecture): KvCacheLayer {
  switch (layer.kind) {
    case "slidingWindow":
      if (window === undefined) return { kind: "full", elements: layer.elements };
      return { ...layer, windowTokens: window.fixedTokens ?? layer.windowTokens };
    case "mla":
      return mla ? layer : { kind: "full", elements: layer.expandedElements };
    case "ssm":
      return { kind: "ssm", halfElements: 0, floatElements: layer.halfElements + layer.floatElements };
    default:
      return layer;
  }
}
