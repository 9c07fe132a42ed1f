import { LlmSizeError } from "../errors.ts";
import { CACHE_DTYPES, CACHE_LAYOUTS, type CacheDtype, type CacheLayout } from "./kv-cache.ts";
import { MAX_BATCH, MAX_CONTEXT_TOKENS } from "./token-count.ts";

/** How a model runs. */
export interface MemoryOptions {
  readonly context: number;
  readonly batch: number;
  readonly kvDtype: CacheDtype;
  readonly layout: CacheLayout;
}

export const DEFAULT_MEMORY_OPTIONS: MemoryOptions = {
  context: 4096,
  batch: 1,
  kvDtype: "bf16",
  layout: "optimized",
};

/** Fill in the defaults. Throws USAGE for an invalid value. */
export function parseMemoryOptions(given: Partial<MemoryOptions>): MemoryOptions {
  const options = { ...DEFAULT_MEMORY_OPTIONS, ...given };
  const { context, batch, kvDtype, layout } = options;
  const wrong = [
    isCount(context, MAX_CONTEXT_TOKENS)
      ? null
      : `context must be a whole number up to ${MAX_CONTEXT_TOKENS}`,
    isCount(batch, MAX_BATCH) ? null : `batch must be a whole number up to ${MAX_BATCH}`,
    CACHE_DTYPES.includes(kvDtype) ? null : `kvDtype must be one of ${CACHE_DTYPES.join(", ")}`,
    CACHE_LAYOUTS.includes(layout) ? null : `layout must be one of ${CACHE_LAYOUTS.join(", ")}`,
  ].find((problem) => problem !== null);
  if (wrong !== undefined) throw new LlmSizeError("USAGE", { message: wrong });
  return options;
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}
