/** The memory that llama.cpp computes in: what it needs in addition to weights and cache. */
import type { Config } from "../../format/config.ts";
import { keysOf } from "../../format/dimensions.ts";
import { countCells, type KvCacheLayer } from "../kv-cache.ts";

/** Widths of a model, in elements of one token; the widest layer counts. */
interface ModelWidths {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly heads: number;
  readonly queries: number;
  readonly keysAndValues: number;
  readonly feedForward: number;
  /** Gate, up and their product; models without a gate have one. */
  readonly feedForwardParts: 1 | 3;
  readonly experts: { readonly used: number; readonly width: number } | null;
  /** Elements of a latent and its rotary key, where all heads attend to latents. */
  readonly latent: { readonly rank: number; readonly rotary: number } | null;
}

interface ComputeBufferRequest {
  readonly tokens: number;
  readonly batch: number;
  readonly ubatch: number;
  readonly flashAttention: boolean;
}

const FLOAT_BYTES = 4;
/** The mask is kept in 16 bits for flash attention. */
const HALF_BYTES = 2;
/** Logits rarely fit into the hole that the mask leaves behind: the most that this adds. */
const MAX_HOLE_SHARE = 0.098;

/**
 * Estimate the compute buffer: the largest of what is alive at once in attention, in the feed-forward network and for the
 * logits. Within 10 % of what llama.cpp reserves on a CPU for fixtures/llama-cpp, but for the rows that
 * test/memory/llama-cpp/compute-buffer.test.ts names. For meta-llama/Llama-3.1-8B it reserves 266.5 MiB.
 */
export function estimateComputeBuffer(
  widths: ModelWidths,
  layers: readonly KvCacheLayer[],
  request: ComputeBufferRequest,
): number {
  const cells = countCells(request.tokens);
  const tokens = Math.min(request.ubatch, cells * request.batch);
  const row = tokens * FLOAT_BYTES;
  const mask = countMaskCells(layers, request) * tokens * (request.flashAttention ? HALF_BYTES : FLOAT_BYTES);
  const { vocabulary, hidden, heads, queries, keysAndValues, latent } = widths;
  const scores = request.flashAttention || mask === 0 ? 0 : heads * cells * row;
  // Queries that have taken in the matrix of the latents, twice in the width of a latent.
  const attending = latent
    ? heads * (3 * latent.rank + latent.rotary) + hidden
    : 3 * hidden + 2 * queries + keysAndValues;
  const layer = mask + Math.max(scores + attending * row, countFeedForward(widths) * row);
  const logits = (vocabulary + 2 * hidden) * row;
  const hole = Math.min(mask / 2 + 2 * hidden * row, logits * MAX_HOLE_SHARE);
  return Math.max(layer, logits + hole);
}

function countFeedForward({ hidden, feedForward, feedForwardParts, experts }: ModelWidths): number {
  const dense = feedForwardParts * feedForward + 4 * hidden;
  if (experts === null) return dense;
  const { used, width } = experts;
  return Math.max(dense, 3 * used * width + 4 * hidden);
}

/** One mask for all layers with the whole context, and one for those with a window. */
function countMaskCells(layers: readonly KvCacheLayer[], request: ComputeBufferRequest): number {
  const cells = (windowTokens: number) =>
    countCells(Math.min(countCells(request.tokens), windowTokens + request.ubatch));
  const full = layers.some(({ kind }) => kind === "full" || kind === "mla") ? countCells(request.tokens) : 0;
  const windows = layers.flatMap((layer) =>
    layer.kind === "slidingWindow" ? cells(layer.windowTokens) : [],
  );
  return full + Math.max(0, ...windows);
}

/**
 * Compute what a GPU needs for a quantized cache: it expands the keys and values of one layer at a time to 16 bits.
 * google/gemma-4-31B-it at 262,144 tokens in q4_0: 2.1 GB, and 0.3 GB for the mask.
 */
export function computeExpandedCacheBytes(
  layers: readonly KvCacheLayer[],
  { tokens, batch }: Pick<ComputeBufferRequest, "tokens" | "batch">,
): number {
  const widest = Math.max(
    0,
    ...layers.map((layer) => (layer.kind === "full" || layer.kind === "mla" ? layer.elements : 0)),
  );
  return countCells(tokens) * batch * widest * HALF_BYTES;
}

/** Networks without a gate, by model type and by architecture of GGUF. From ggml-org/llama.cpp src/models. */
const UNGATED: ReadonlySet<string> = new Set(
  [
    "gpt2 gpt_neox gptneox gptj bloom falcon mpt phi phi2 opt codeshell starcoder starcoder2 gpt_bigcode",
    "bert distilbert roberta xlm-roberta camembert mpnet electra albert nomic-bert",
  ].flatMap((line) => line.split(" ")),
);

/** Read the widths from a config or the metadata of a GGUF file; null where they are not stated. */
export function readWidths(config: Config, vocabulary: number | null): ModelWidths | null {
  const read = (...keys: readonly string[]) => readMost(config, keys);
  const hidden = read(...keysOf("hiddenSize"));
  if (hidden === null || vocabulary === null) return null;
  const heads = read(...keysOf("decoderHeads", "heads")) ?? 0;
  const headSize = read(...keysOf("headSize")) ?? (heads > 0 ? hidden / heads : 0);
  const kvHeads = read(...keysOf("kvHeads")) ?? heads;
  const feedForward = read(...keysOf("intermediateSize")) ?? 0;
  const used = read(...keysOf("expertsPerToken"));
  const rank = read("kv_lora_rank");
  return {
    vocabulary,
    hidden,
    heads,
    queries: heads * headSize,
    keysAndValues: kvHeads * (headSize + (read("v_head_dim") ?? headSize)),
    feedForward,
    feedForwardParts: UNGATED.has(config.modelType ?? "") ? 1 : 3,
    experts: used === null ? null : { used, width: read("moe_intermediate_size") ?? feedForward },
    latent: rank === null ? null : { rank, rotary: read("qk_rope_head_dim") ?? Math.max(0, headSize - rank) },
  };
}

/** Read a count, or the largest of a list with one per layer. */
function readMost({ text }: Config, keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = text[key];
    const counts = (Array.isArray(value) ? value : [value]).filter(
      (count): count is number => Number.isSafeInteger(count) && count > 0,
    );
    if (counts.length > 0) return Math.max(...counts);
  }
  return null;
}
