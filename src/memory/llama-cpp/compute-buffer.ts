/** The memory that llama.cpp computes in: what it needs in addition to weights and cache. */
import type { JsonObject } from "../../contract/json.ts";
import type { Config } from "../../format/config.ts";
import { keysOf } from "../../format/dimensions.ts";
import { findArchitecture } from "../../model/architectures.ts";
import { countCells, type KvCacheLayer } from "../kv-cache.ts";
import { countDecoderBytes } from "./decoder-graph.ts";
import type { GraphLayer, ModelWidths } from "./graph-context.ts";
import { findGraphTraits } from "./graph-traits.ts";

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
  const tokens = Math.min(ubatch, cells * batch);
  const chosen = chooseLayers(layers).map(([index, layer]) => {
    const attention = layer ? describeAttention(layer, { cells, ubatch }) : UNMASKED;
    return { attention, feedForward: widths.feedForwards[index] ?? widths.feedForward, isDense: false };
  });
  const first = widths.experts?.hasDenseLayers
    ? chosen.slice(0, 1).map((one) => ({ ...one, isDense: true }))
    : [];
  return countDecoderBytes(widths, [...first, ...chosen], { tokens, flashAttention, isQuantized });
}

/** Buffers repeat from layer to layer: the last two count, and the last of each kind with the one before, as a mask lives until then. */
function chooseLayers(layers: readonly KvCacheLayer[]): readonly (readonly [number, KvCacheLayer | null])[] {
  // An encoder attends without a cache.
  if (layers.length === 0) return [0, 1].map((index) => [index, null] as const);
  const last = new Map(layers.map(({ kind }, index) => [kind, index]));
  const ends = [layers.length - 1, ...last.values()];
  const chosen = new Set(ends.flatMap((index) => Array.from({ length: 4 }, (_, back) => index - back)));
  return [...layers.entries()].filter(([index]) => chosen.has(index));
}

const UNMASKED = { kind: "unmasked", cells: 0 } as const;

function describeAttention(
  layer: KvCacheLayer,
  { cells, ubatch }: { readonly cells: number; readonly ubatch: number },
): GraphLayer["attention"] {
  switch (layer.kind) {
    case "cross":
      return UNMASKED;
    case "slidingWindow":
      return { kind: "window", cells: countCells(Math.min(cells, layer.windowTokens + ubatch)) };
    case "full":
      return layer.elements === 0 ? null : { kind: "full", cells };
    case "mla":
      return { kind: "mla", cells };
    case "shared":
      // The last layers of google/gemma-4-E2B-it read the caches of earlier ones, and so their masks.
      return { kind: "shared", cells };
    case "ssm":
    case "none":
      return null;
  }
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

/** Read the widths from a config or the metadata of a GGUF file; null where they are not stated. */
export function readWidths(config: Config, vocabulary: number | null): ModelWidths | null {
  const read = (...keys: readonly string[]) => readMost(config, keys);
  const hidden = read(...keysOf("hiddenSize"));
  if (hidden === null || vocabulary === null) return null;
  const heads = read(...keysOf("decoderHeads", "heads")) ?? 0;
  const headSize = read(...keysOf("headSize")) ?? (heads > 0 ? hidden / heads : 0);
  const kvHeads = read(...keysOf("kvHeads")) ?? heads;
  const feedForward = read(...keysOf("intermediateSize")) ?? 0;
  const rank = read("kv_lora_rank");
  const rotary = read("qk_rope_head_dim", "rope.dimension_count") ?? 0;
  const valueSize = read("attention.value_length_mla", "v_head_dim") ?? headSize;
  const modelType = config.modelType ?? "";
  return {
    vocabulary,
    hidden,
    heads,
    queries: heads * (rank === null ? headSize : (readQuerySize(read) ?? headSize)),
    keys: kvHeads * headSize,
    values: kvHeads * valueSize,
    attended: heads * valueSize,
    feedForward,
    feedForwards: keysOf("intermediateSize").flatMap((key) => readList(config, key)),
    experts: readExperts(read, feedForward),
    latent: rank === null ? null : { rank, rotary, values: heads * valueSize },
    state: readStateWidth(read) ?? 0,
    traits: findGraphTraits(findArchitecture(modelType)?.gguf ?? modelType),
  };
}

type Read = (...keys: readonly string[]) => number | null;

/** The size of a head's query before it takes in the matrix of the latents: 192 in deepseek-ai/DeepSeek-V3. */
function readQuerySize(read: Read): number | null {
  const [plain, rotary] = [read("qk_nope_head_dim"), read("qk_rope_head_dim")];
  return plain === null || rotary === null ? read("attention.key_length_mla") : plain + rotary;
}

function readStateWidth(read: Read): number | null {
  const heads = read("linear_num_value_heads");
  if (heads !== null) return heads * (read("linear_value_head_dim") ?? 0);
  return (
    read("ssm.inner_size", "mamba_d_ssm", "conv_dim") ??
    (read("shortconv.l_cache", "conv_L_cache") && read(...keysOf("hiddenSize")))
  );
}

function readExperts(read: Read, feedForward: number): ModelWidths["experts"] {
  const used = read(...keysOf("expertsPerToken"));
  if (used === null) return null;
  const width = read("moe_intermediate_size") ?? feedForward;
  const shared = read("n_shared_experts", "num_shared_experts", "expert_shared_count") ?? 0;
  return {
    used,
    width,
    count: read(...keysOf("experts")) ?? used,
    shared: read("shared_expert_intermediate_size", "expert_shared_feed_forward_length") ?? shared * width,
    hasDenseLayers: (read("first_k_dense_replace", "leading_dense_block_count") ?? 0) > 0,
  };
}

/** Read a list with a count per layer; empty without. */
function readList({ text }: Config, key: string): number[] {
  const value = text[key];
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count))
    ? (value as number[])
    : [];
}

/** Read a count, or the largest of a list with one per layer, from the config or the words of a GGUF file. */
function readMost({ text }: Config, keys: readonly string[]): number | null {
  const words = (text["gguf"] ?? {}) as JsonObject;
  for (const key of keys) {
    const value = text[key] ?? words[key];
    const counts = (Array.isArray(value) ? value : [value]).filter(
      (count): count is number => Number.isSafeInteger(count) && count > 0,
    );
    if (counts.length > 0) return Math.max(...counts);
  }
  return null;
}
