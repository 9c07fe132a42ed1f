import type { KvDtype } from "../contract/terms.ts";
import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { DEFAULT_UBATCH, isQuantized, type KvCacheLayer } from "./kv-cache.ts";
import { computeExpandedCacheBytes, estimateComputeBuffer, readWidths } from "./llama-cpp/compute-buffer.ts";

/** Add up what a model takes while it runs. Null where a part is not known, or the sum passes 2^53. */
export function addMemory(parts: readonly (number | null)[]): number | null {
  let sum = 0;
  for (const bytes of parts) {
    if (bytes === null) return null;
    sum += bytes;
  }
  return Number.isSafeInteger(sum) ? sum : null;
}

/** Without a config: the share that huggingface/huggingface.js packages/gguf adds to the weights. */
const OVERHEAD_SHARE = 0.05;

export interface OverheadRequest {
  readonly config: Config | null;
  /** Null where they are not known; the cache's share is left out then. */
  readonly layers: readonly KvCacheLayer[] | null;
  readonly weightsBytes: number;
  readonly tokens: number;
  readonly batch: number;
  readonly kvDtype: KvDtype;
  /** False on a GPU that does not compute the output. */
  readonly withLogits?: boolean;
}

/**
 * Estimate what a runtime needs in addition to weights and KV cache: the buffer that llama.cpp computes in, and what a GPU
 * needs to expand a quantized cache. An encoder has logits only where it fills in words (BertForMaskedLM), and otherwise
 * only hidden states: distilbert/distilbert-base-uncased-finetuned-sst-2-english has 2 labels for its 30,522 words. The
 * driver's own share is left out.
 */
export function estimateOverheadBytes(request: OverheadRequest): number {
  const { config, layers, weightsBytes, tokens, batch, withLogits = true } = request;
  const widths = config && readWidths(config, withLogits ? countWords(config, layers) : 0);
  if (widths === null) return Math.ceil(weightsBytes * OVERHEAD_SHARE);
  const buffer = { tokens, batch, ubatch: DEFAULT_UBATCH, flashAttention: true };
  const expanded = isQuantized(request.kvDtype) ? computeExpandedCacheBytes(layers ?? [], buffer) : 0;
  return Math.ceil(estimateComputeBuffer(widths, layers ?? [], buffer)) + expanded;
}

/** Count the logits of one token. */
function countWords(config: Config, layers: readonly KvCacheLayer[] | null): number | null {
  const isEncoder = layers?.length === 0;
  if (isEncoder && !/For(?:MaskedLM|PreTraining)$/.test(config.architecture ?? "")) return 0;
  return readDimension(config.text, "vocabSize") ?? readDimension(config.root, "vocabSize");
}

/** Read the tokens a model was trained for; null where its config does not state them, or there is no limit. */
export function readContextLength(config: Config): number | null {
  return readDimension(config.text, "contextLength");
}
