/** The memory that llama.cpp computes in: what it needs in addition to weights and cache. */
import { countCells, type KvCacheLayer } from "../kv-cache.ts";
import { countDecoderBytes } from "./decoder-graph.ts";
import type { GraphAttention, GraphLayer, ModelWidths } from "./graph-context.ts";

interface ComputeBufferRequest {
  readonly tokens: number;
  readonly batch: number;
  readonly ubatch: number;
  readonly flashAttention: boolean;
  readonly isQuantized: boolean;
}

/** The cache of one layer is expanded to 16 bits. */
const HALF_BYTES = 2;

/**
 * Estimate the compute buffer: what llama.cpp's allocator needs at the peak for the last layers and the logits of all tokens of
 * a batch. Exact for most rows of fixtures/llama-cpp: 266.5 MiB for meta-llama/Llama-3.1-8B.
 */
export function estimateComputeBuffer(
  widths: ModelWidths,
  layers: readonly KvCacheLayer[],
  request: ComputeBufferRequest,
): number {
  const { batch, ubatch, flashAttention, isQuantized } = request;
  const cells = countCells(request.tokens);
  const all = listLayers(widths, layers, { cells, ubatch });
  const chosen = chooseLayers(all);
  const first = widths.experts?.hasDenseLayers
    ? chosen.slice(0, 1).map((one) => ({ ...one, isDense: true }))
    : [];
  return countDecoderBytes(widths, [...first, ...chosen], {
    tokens: Math.min(ubatch, cells * batch),
    sequences: batch,
    layerCount: all.length,
    flashAttention,
    isQuantized,
  });
}

interface Cells {
  readonly cells: number;
  readonly ubatch: number;
}

function listLayers(widths: ModelWidths, layers: readonly KvCacheLayer[], cells: Cells): GraphLayer[] {
  const { traits, feedForward, feedForwards, scan } = widths;
  const feed = (index: number) => feedForwards[index] ?? feedForward;
  // An encoder attends without a cache.
  if (layers.length === 0) {
    const attention = { kind: "unmasked", cells: 0, ...measureHeads(widths, widths, null) } as const;
    return [0, 1].map((index) => ({ attention, hasScan: false, feedForward: feed(index), isDense: false }));
  }
  const all = layers.map((layer, index): GraphLayer => {
    const attention = describeAttention(widths, layer, cells);
    const hasScan = layer.kind === "ssm" && scan !== null;
    const hasNetwork = !traits.hasLayersOfOnePart || (!attention && !hasScan);
    return { attention, hasScan, feedForward: hasNetwork ? feed(index) : null, isDense: false };
  });
  if (!traits.scansNextToAttention) return all;
  return all.flatMap((layer, index) => (index % 2 === 0 ? [{ ...layer, hasScan: scan !== null }] : []));
}

/** Buffers repeat from layer to layer: the last two count, and the last of each kind with the one before, as a mask lives until then. */
function chooseLayers(layers: readonly GraphLayer[]): readonly GraphLayer[] {
  const last = new Map(layers.map((layer, index) => [nameKind(layer), index]));
  const ends = [layers.length - 1, ...last.values()];
  const chosen = new Set(ends.flatMap((index) => Array.from({ length: 4 }, (_, back) => index - back)));
  return layers.filter((_, index) => chosen.has(index));
}

function nameKind({ attention, hasScan }: GraphLayer): string {
  return `${attention?.kind} ${attention?.written === null} ${hasScan}`;
}

function describeAttention(
  widths: ModelWidths,
  layer: KvCacheLayer,
  { cells, ubatch }: Cells,
): GraphAttention | null {
  const { window } = widths;
  switch (layer.kind) {
    case "cross":
      return { kind: "unmasked", cells: 0, ...measureHeads(widths, widths, null) };
    case "slidingWindow": {
      const kept = countCells(Math.min(cells, layer.windowTokens + ubatch));
      return { kind: "window", cells: kept, ...measureHeads(widths, window, layer.elements) };
    }
    case "full":
      if (layer.elements === 0) return null;
      return { kind: "full", cells, ...measureHeads(widths, widths, layer.elements) };
    case "mla":
      return { kind: "mla", cells, ...measureHeads(widths, widths, null) };
    case "shared": {
      // The last layers of google/gemma-4-E2B-it read the caches of earlier ones, and so their masks.
      const [kind, sizes] = layer.isWindow ? (["window", window] as const) : (["full", widths] as const);
      return { kind, cells, ...measureHeads(widths, sizes, null), written: null };
    }
    case "ssm":
    case "none":
      return null;
  }
}

/** Measure all heads of a layer, from what it keeps of a token where that is known. */
function measureHeads(
  { heads, kvHeads }: ModelWidths,
  { keySize, valueSize }: ModelWidths["window"],
  elements: number | null,
) {
  const headElements = keySize + valueSize;
  const count = elements === null || headElements === 0 ? kvHeads : elements / headElements;
  return {
    queries: heads * keySize,
    attended: heads * valueSize,
    written: { keys: count * keySize, values: count * valueSize },
  };
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
