import { isUnknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { inferKvCacheLayers } from "./kv-cache-layers.ts";

/**
 * What a model takes while it runs: weights, cache, and an estimate of everything else. Null where a part is not
 * known, or the sum passes 2^53.
 */
export function addMemory(
  weightsBytes: number | null,
  kvCacheBytes: number | null,
  overheadBytes: number | null,
): number | null {
  if (weightsBytes === null || kvCacheBytes === null || overheadBytes === null) return null;
  const totalBytes = weightsBytes + kvCacheBytes + overheadBytes;
  return Number.isSafeInteger(totalBytes) ? totalBytes : null;
}

/** Tokens taken in at once: `n_ubatch` of ggml-org/llama.cpp, include/llama.h and src/llama-context.cpp. */
const TOKENS_AT_ONCE = 512;

/** Without a config: what huggingface/huggingface.js packages/gguf adds to the weights. */
const OVERHEAD_SHARE = 0.05;

/**
 * An estimate of what a runtime needs beside weights and cache: logits and activations of 512 tokens in 32 bits.
 * A model that reads a text at once has logits only where it fills in words (BertForMaskedLM), and else hidden states
 * alone: distilbert/distilbert-base-uncased-finetuned-sst-2-english has 2 labels for its 30,522 words.
 * For meta-llama/Meta-Llama-3-8B this is the 258.50 MiB that llama.cpp prints as its compute buffer. It leaves out
 * the driver's own share and, where there is no flash attention, a matrix of scores that grows with the context.
 */
export function estimateOverheadBytes(config: Config | null, weightsBytes: number): number {
  const vocabulary = config && countWords(config);
  const hidden = config && readDimension(config.text, "hiddenSize");
  if (vocabulary === null || hidden === null) return Math.ceil(weightsBytes * OVERHEAD_SHARE);
  return TOKENS_AT_ONCE * (vocabulary + hidden) * 4;
}

/** How many logits a token has. */
function countWords(config: Config): number | null {
  const kvCache = inferKvCacheLayers(config);
  const isEncoder = !isUnknown(kvCache) && kvCache.layers.length === 0;
  if (isEncoder && !/For(?:MaskedLM|PreTraining)$/.test(config.architecture ?? "")) return 0;
  return readDimension(config.text, "vocabSize") ?? readDimension(config.root, "vocabSize");
}

/** How many tokens the model was made for; null where its config does not say, or there is no limit. */
export function readContextLength(config: Config): number | null {
  return readDimension(config.text, "contextLength");
}
