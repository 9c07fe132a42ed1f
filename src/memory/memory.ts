import type { KvDtype } from "../contract/terms.ts";
import type { Config } from "../format/config.ts";
import { readDimension } from "../format/dimensions.ts";
import { createConfigReader } from "./config-reader.ts";
import { countCells, DEFAULT_UBATCH, isQuantized, type KvCacheLayer } from "./kv-cache.ts";
import { computeExpandedCacheBytes, estimateComputeBuffer } from "./llama-cpp/compute-buffer.ts";
import { readWidths } from "./llama-cpp/model-widths.ts";

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
  readonly batch: number;
  readonly kvDtype: KvDtype;
  /** False on a GPU that does not compute the output. */
  readonly withLogits?: boolean;
}

/** Estimates from the bytes of the weights and the tokens of the context. */
export type OverheadEstimate = (weightsBytes: number, tokens: number) => number;

/**
 * Estimate what a runtime needs in addition to weights and KV cache: the buffer that llama.cpp computes in, and what a GPU
 * needs to expand a quantized cache. An encoder has logits only where it fills in words (BertForMaskedLM), and otherwise
 * only hidden states: distilbert/distilbert-base-uncased-finetuned-sst-2-english has 2 labels for its 30,522 words. The
 * driver's own share is left out. Estimates are kept: a search for the longest context asks for the same ones many times.
 */
export function planOverhead(request: OverheadRequest): OverheadEstimate {
  const { config, layers, batch, kvDtype, withLogits = true } = request;
  const widths = config && readWidths(config, withLogits ? countWords(config, layers) : 0);
  if (widths === null) return (weightsBytes) => Math.ceil(weightsBytes * OVERHEAD_SHARE);
  const known = new Map<number, number>();
  return (_, tokens) => {
    const cells = countCells(tokens);
    const found = known.get(cells);
    if (found !== undefined) return found;
    const buffer = {
      tokens: cells,
      batch,
      ubatch: DEFAULT_UBATCH,
      flashAttention: true,
      isQuantized: isQuantized(kvDtype),
    };
    const expanded = buffer.isQuantized ? computeExpandedCacheBytes(layers ?? [], buffer) : 0;
    const bytes = Math.ceil(estimateComputeBuffer(widths, layers ?? [], buffer)) + expanded;
    known.set(cells, bytes);
    return bytes;
  };
}

/** Count the logits of one token. */
function countWords(config: Config, layers: readonly KvCacheLayer[] | null): number | null {
  const isEncoder = layers?.length === 0;
  if (isEncoder && !/For(?:MaskedLM|PreTraining)$/.test(config.architecture ?? "")) return 0;
  return readVocabulary(config);
}

/** Read the number of tokens a model knows, which the config of google/gemma-3-4b-it leaves to its type. */
export function readVocabulary(config: Config): number | null {
  return (
    readDimension(createConfigReader(config).text, "vocabSize") ?? readDimension(config.root, "vocabSize")
  );
}

/** Read the tokens a model was trained for; null where its config does not state them, or there is no limit. */
export function readContextLength(config: Config): number | null {
  return readDimension(createConfigReader(config).text, "contextLength");
}
