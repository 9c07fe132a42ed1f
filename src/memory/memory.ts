import { isUnknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { inferKvCacheLayers } from "./kv-cache-layers.ts";

/** Add up what a model takes while it runs. Null where a summand is not known, or the sum passes 2^53. */
export function addMemory(
  weightsBytes: number | null,
  kvCacheBytes: number | null,
  overheadBytes: number | null,
): number | null {
  if (weightsBytes === null || kvCacheBytes === null || overheadBytes === null) return null;
  const totalBytes = weightsBytes + kvCacheBytes + overheadBytes;
  return Number.isSafeInteger(totalBytes) ? totalBytes : null;
}

/** Tokens per batch: `n_ubatch` of ggml-org/llama.cpp, include/llama.h and src/llama-context.cpp. */
const TOKENS_AT_ONCE = 512;

/** Without a config: the share that huggingface/huggingface.js packages/gguf adds to the weights. */
const OVERHEAD_SHARE = 0.05;

/**
 * Estimate what a runtime needs in addition to weights and KV cache: logits and activations of 512 tokens in 32 bits.
 * An encoder has logits only where it fills in words (BertForMaskedLM), and otherwise only hidden states:
 * distilbert/distilbert-base-uncased-finetuned-sst-2-english has 2 labels for its 30,522 words.
 * For meta-llama/Meta-Llama-3-8B this is the 258.50 MiB that llama.cpp prints as its compute buffer. The driver's own
 * share is left out and, without flash attention, a matrix of scores that grows with the context.
 */
export function estimateOverheadBytes(config: Config | null, weightsBytes: number): number {
  const vocabulary = config && countWords(config);
  const hidden = config && readDimension(config.text, "hiddenSize");
  if (vocabulary === null || hidden === null) return Math.ceil(weightsBytes * OVERHEAD_SHARE);
  return TOKENS_AT_ONCE * (vocabulary + hidden) * 4;
}

/** Count the logits of one token. */
function countWords(config: Config): number | null {
  const kvCache = inferKvCacheLayers(config);
  const isEncoder = !isUnknown(kvCache) && kvCache.layers.length === 0;
  if (isEncoder && !/For(?:MaskedLM|PreTraining)$/.test(config.architecture ?? "")) return 0;
  return readDimension(config.text, "vocabSize") ?? readDimension(config.root, "vocabSize");
}

/** Read the tokens a model was trained for; null where its config does not state them, or there is no limit. */
export function readContextLength(config: Config): number | null {
  return readDimension(config.text, "contextLength");
}
