import type { KvDtype, KvLayout } from "../contract/terms.ts";
import { BLOCK_TYPES } from "../format/gguf/block-types.ts";

/** The cache of one layer; a layer of two kinds is two entries. Elements are those of one sequence. */
export type KvCacheLayer =
  /** Keys and values of every token. */
  | { readonly kind: "full"; readonly elements: number }
  /** Keys and values of the last tokens. */
  | { readonly kind: "slidingWindow"; readonly elements: number; readonly windowTokens: number }
  /** A compressed vector of every token, perhaps with an indexer's key; or all heads' keys and values, if expanded. */
  | {
      readonly kind: "mla";
      readonly elements: number;
      readonly indexElements: number;
      readonly expandedElements: number;
    }
  /** A state of fixed size: elements of 16 bits and of 32. */
  | { readonly kind: "ssm"; readonly halfElements: number; readonly floatElements: number }
  /** Keys and values of every token of an encoder; null tokens: as many as the prompt has. */
  | { readonly kind: "cross"; readonly elements: number; readonly encoderTokens: number | null }
  /** The cache of an earlier layer: Gemma 3n. */
  | { readonly kind: "shared"; readonly isWindow: boolean }
  /** No cache at all. */
  | { readonly kind: "none" };

/** The caches and states of a model, layer by layer. */
export interface KvCacheLayers {
  /** None for an encoder. */
  readonly layers: readonly KvCacheLayer[];
  /** Elements of the keys and the values of one head, in all sizes that there are. */
  readonly headSizes: ReadonlySet<number>;
  /** The engine whose rules the layers follow. */
  readonly engine: Engine;
}

/**
 * Who reserves the cache. llama.cpp rounds its cells up to 256, and adds a batch to a window; transformers keeps one token
 * less than the window, and a counter per layer, which is how the caches of fixtures/kv were measured.
 */
type Engine = "any" | "llama.cpp" | "transformers";

export interface KvCacheRequest {
  readonly tokens: number;
  /** Sequences at once; 1 by default. */
  readonly batch?: number;
  /** `bf16` by default. */
  readonly kvDtype?: KvDtype;
  /** `optimized` by default. */
  readonly layout?: KvLayout;
  /** `any` by default. */
  readonly engine?: Engine;
  /** Tokens that llama.cpp reads at once; 512 by default. */
  readonly ubatch?: number;
}

/** How a type stores elements; llama.cpp's are blocks of GGUF. */
const BLOCKS = {
  bf16: BLOCK_TYPES.BF16,
  fp16: BLOCK_TYPES.F16,
  fp32: BLOCK_TYPES.F32,
  fp8: { elements: 1, bytes: 1 },
  q8_0: BLOCK_TYPES.Q8_0,
  q5_1: BLOCK_TYPES.Q5_1,
  q5_0: BLOCK_TYPES.Q5_0,
  q4_1: BLOCK_TYPES.Q4_1,
  q4_0: BLOCK_TYPES.Q4_0,
  iq4_nl: BLOCK_TYPES.IQ4_NL,
} satisfies Record<KvDtype, { elements: number; bytes: number }>;

/** Count the elements of a row that are stored together; llama.cpp refuses heads that do not divide into such blocks. */
export function countBlockElements(kvDtype: KvDtype): number {
  return BLOCKS[kvDtype].elements;
}

/** True for llama.cpp's quantized caches, whose blocks share a scale. */
export function isQuantized(kvDtype: KvDtype): boolean {
  return countBlockElements(kvDtype) > 1;
}

/** transformers counts the tokens a window has seen in a 64-bit tensor: src/transformers/cache_utils.py. */
const WINDOW_COUNTER_BYTES = 8;

/** Compute the exact bytes of a KV cache; throws a RangeError above 2^53 − 1. openai/gpt-oss-120b: 73,728 per token in `full`. */
export function computeKvCacheBytes(layers: readonly KvCacheLayer[], request: KvCacheRequest): number {
  const bytes = sumKvCacheBytes(layers, request);
  if (!Number.isSafeInteger(bytes)) throw new RangeError("the cache size is not a safe integer");
  return bytes;
}

/** llama.cpp pads its cells: `GGML_PAD` in src/llama-context.cpp and src/llama-kv-cache-iswa.cpp. */
const CELLS = 256;
/** `n_ubatch` of ggml-org/llama.cpp, include/llama.h and src/llama-context.cpp. */
export const DEFAULT_UBATCH = 512;

/** Count the cells that llama.cpp reserves for tokens. */
export function countCells(tokens: number): number {
  return Math.ceil(tokens / CELLS) * CELLS;
}

/** Compute the bytes of one more token; 24,576 for openai/gpt-oss-20b once its sliding windows are full. */
export function computeKvCacheBytesPerToken(
  layers: readonly KvCacheLayer[],
  request: KvCacheRequest,
): number {
  const step = request.engine === "llama.cpp" ? CELLS : 1;
  const next = { ...request, tokens: request.tokens + step };
  return (computeKvCacheBytes(layers, next) - computeKvCacheBytes(layers, request)) / step;
}

interface MaxContextRequest extends Omit<KvCacheRequest, "tokens"> {
  /** What grows with the tokens in addition to the cache, in bytes. */
  readonly countOtherBytes?: (tokens: number) => number;
  /** Where the search starts. */
  readonly startTokens?: number;
}

/** Compute the most tokens that fit, at most `maxTokens`; 0 where not even one does. */
export function computeMaxContext(
  layers: readonly KvCacheLayer[],
  memoryBytes: number,
  maxTokens: number,
  { countOtherBytes = () => 0, startTokens = 0, ...request }: MaxContextRequest = {},
): number {
  return findMostTokens(
    maxTokens,
    (tokens) => sumKvCacheBytes(layers, { ...request, tokens }) + countOtherBytes(tokens) <= memoryBytes,
    startTokens,
  );
}

/**
 * Find the most tokens that fit; 0 where not even one does. llama.cpp's compute buffer can be smaller for a longer context
 * (Qwen/Qwen3-0.6B: 78.5 MiB at 4,096 tokens and 66.5 at 32,768), so the search starts where it is known to fit or not.
 */
export function findMostTokens(
  maxTokens: number,
  isFitting: (tokens: number) => boolean,
  startTokens = 0,
): number {
  let fitting = 0;
  let exceeding = maxTokens + 1;
  if (startTokens > 0 && startTokens <= maxTokens) {
    if (isFitting(startTokens)) fitting = startTokens;
    else exceeding = startTokens;
  }
  while (exceeding - fitting > 1) {
    const tokens = fitting + Math.floor((exceeding - fitting) / 2);
    if (isFitting(tokens)) fitting = tokens;
    else exceeding = tokens;
  }
  return fitting;
}

/** Like `computeKvCacheBytes`, but not exact beyond 2^53, where it does not throw: for a search. */
export function sumKvCacheBytes(layers: readonly KvCacheLayer[], request: KvCacheRequest): number {
  return layers.reduce((sum, layer) => sum + computeLayerBytes(layer, request), 0);
}

function computeLayerBytes(layer: KvCacheLayer, request: KvCacheRequest): number {
  const { batch = 1, kvDtype = "bf16", layout = "optimized", engine = "any" } = request;
  const tokens = engine === "llama.cpp" ? countCells(request.tokens) : request.tokens;
  const block = BLOCKS[kvDtype];
  const rows = (count: number, elements: number): number =>
    batch * count * Math.ceil(elements / block.elements) * block.bytes;
  switch (layer.kind) {
    case "full":
      return rows(tokens, layer.elements);
    case "slidingWindow": {
      if (layout === "full") return rows(tokens, layer.elements);
      if (engine === "transformers")
        return rows(Math.min(tokens, layer.windowTokens - 1), layer.elements) + WINDOW_COUNTER_BYTES;
      if (engine === "any") return rows(Math.min(tokens, layer.windowTokens), layer.elements);
      const { ubatch = DEFAULT_UBATCH } = request;
      return rows(countCells(Math.min(tokens, layer.windowTokens + ubatch)), layer.elements);
    }
    case "mla":
      return (
        rows(tokens, layout === "full" ? layer.expandedElements : layer.elements) +
        rows(tokens, layer.indexElements)
      );
    case "ssm":
      // States stay in the model's own precision: only keys and values are quantized.
      return batch * (layer.halfElements * (kvDtype === "fp32" ? 4 : 2) + layer.floatElements * 4);
    case "cross":
      return rows(layer.encoderTokens ?? tokens, layer.elements);
    case "shared":
    case "none":
      return 0;
  }
}
