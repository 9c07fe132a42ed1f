import { LlmSizeError } from "../errors.ts";
import {
  KV_DTYPES,
  KV_LAYOUTS,
  MAX_BATCH,
  MAX_CONTEXT_TOKENS,
  type KvDtype,
  type KvLayout,
} from "../contract/terms.ts";

/** How a model runs. */
export interface MemoryOptions {
  readonly context: number;
  readonly batch: number;
  readonly kvDtype: KvDtype;
  readonly layout: KvLayout;
}

export const DEFAULT_MEMORY_OPTIONS: MemoryOptions = {
  context: 4096,
  batch: 1,
  kvDtype: "bf16",
  layout: "optimized",
};

/** The share of a GPU's memory that an engine takes: `gpu_memory_utilization` of vllm-project/vllm, vllm/config/cache.py. */
export const DEFAULT_GPU_MEMORY_UTILIZATION = 0.9;

/** Fill in the defaults. Throws USAGE for an invalid value. */
export function parseMemoryOptions(given: Partial<MemoryOptions>): MemoryOptions {
  const options = { ...DEFAULT_MEMORY_OPTIONS, ...given };
  const { context, batch, kvDtype, layout } = options;
  const wrong = [
    isCount(context, MAX_CONTEXT_TOKENS)
      ? null
      : `context must be a whole number up to ${MAX_CONTEXT_TOKENS}`,
    isCount(batch, MAX_BATCH) ? null : `batch must be a whole number up to ${MAX_BATCH}`,
    KV_DTYPES.includes(kvDtype) ? null : `kvDtype must be one of ${KV_DTYPES.join(", ")}`,
    KV_LAYOUTS.includes(layout) ? null : `layout must be one of ${KV_LAYOUTS.join(", ")}`,
  ].find((problem) => problem !== null);
  if (wrong !== undefined) throw new LlmSizeError("USAGE", { message: wrong });
  return options;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
