/** A model in each quantization, with all that it needs at a context length. */
import type { MemoryReport } from "../contract/types.ts";
import type { Config } from "../format/config.ts";
import type { WeightsPlace } from "./commands.ts";
import { sumKvCacheBytes } from "./kv-cache.ts";
import { planKvCache, type PlannedKvCache } from "./kv-plan.ts";
import type { StoredTensor } from "./llama-cpp/weight-layers.ts";
import { addMemory, planOverhead } from "./memory.ts";
import type { MemoryOptions } from "./memory-options.ts";
import type { TrainedModel } from "./training/plan.ts";

export interface MemoryInput {
  readonly config: Config | null;
  /** Why the KV cache cannot be computed from the config; null where it can. */
  readonly reason: string | null;
  readonly weights: readonly StoredWeights[];
  /** What training needs to know of the model, or why it cannot be trained. */
  readonly trained?: TrainedModel | string;
  /** The files as published; null where no engine is known to load them. */
  readonly published?: StoredWeights | null;
}

/** A model that drafts tokens for another one, in the same quantization or in the only one that it has here. */
export interface DraftModel extends MemoryInput {
  readonly id: string;
}

/** The weights in one quantization. The largest array has to fit a browser's buffer. */
export type StoredWeights = Readonly<
  Pick<MemoryReport["weights"][number], "quantization" | "bytes" | "fetchBytes" | "largestBytes"> & {
    bitsPerWeight?: number | null;
    /** List the tensors of a GGUF file. */
    listTensors?: () => readonly StoredTensor[];
    /** Weights that vLLM loads: those that it splits between GPUs, and those that each GPU keeps whole. */
    servedBytes?: { readonly split: number; readonly whole: number } | null;
    place?: WeightsPlace | null;
  }
>;

/** One quantization with all that it needs at a context length. */
export interface PlannedWeights {
  readonly stored: StoredWeights;
  readonly config: Config | null;
  readonly kvCache: PlannedKvCache;
  readonly draft: PlannedWeights | null;
  readonly draftBytes: number | null;
  readonly overheadBytes: number | null;
  readonly totalBytes: number | null;
  readonly countOverhead: (tokens: number) => number;
  /** The same on a GPU that does not compute the output. */
  readonly countLayerOverhead: (tokens: number) => number;
  /** What a draft model needs; null where that is not known. */
  readonly countDraft: (tokens: number) => number | null;
}

/** Plan the weights of a model, and those of its draft model with each. */
export function planWeights(
  input: MemoryInput,
  options: MemoryOptions,
  draft: DraftModel | null,
): PlannedWeights[] {
  const { config } = input;
  const drafts = draft ? planWeights(draft, options, null) : [];
  const own = planKvCache({ ...input, isGguf: false }, options);
  const converted = planKvCache({ ...input, isGguf: true }, options);
  const planFor = ({ layers }: PlannedKvCache) => ({
    whole: planOverhead({ ...options, config, layers }),
    layers: planOverhead({ ...options, config, layers, withLogits: false }),
  });
  const overheads = { own: planFor(own), converted: planFor(converted) };
  return input.weights.map((stored) => {
    const kvCache = isGguf(stored) ? converted : own;
    const overhead = isGguf(stored) ? overheads.converted : overheads.own;
    const bytes = stored.bytes ?? 0;
    const countOverhead = (tokens: number) => overhead.whole(bytes, tokens);
    const ownDraft =
      drafts.find((one) => one.stored.quantization === stored.quantization) ??
      (drafts.length === 1 ? (drafts[0] ?? null) : null);
    const countDraft = (tokens: number) => (draft ? countAll(ownDraft, tokens) : 0);
    const draftBytes = countDraft(options.context);
    const overheadBytes = stored.bytes === null ? null : countOverhead(options.context);
    const totalBytes = addMemory([stored.bytes, kvCache.kvCacheBytes, overheadBytes, draftBytes]);
    return {
      stored,
      config,
      kvCache,
      draft: ownDraft,
      draftBytes,
      overheadBytes,
      totalBytes,
      countOverhead,
      countLayerOverhead: (tokens) => overhead.layers(bytes, tokens),
      countDraft,
    };
  });
}

export function isGguf({ quantization }: { readonly quantization: string }): boolean {
  return quantization.startsWith("gguf:");
}

/** Count all that a draft model needs. */
function countAll(row: PlannedWeights | null, tokens: number): number | null {
  if (!row?.kvCache.layers || row.stored.bytes === null) return null;
  const cache = sumKvCacheBytes(row.kvCache.layers, { ...row.kvCache.request, tokens });
  return row.stored.bytes + cache + row.countOverhead(tokens);
}
