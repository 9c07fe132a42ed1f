import type { CacheDtype, CacheLayout } from "./cache.ts";

/** Under which circumstances a model runs. */
export interface Conditions {
  readonly context: number;
  readonly batch: number;
  readonly cacheDtype: CacheDtype;
  readonly layout: CacheLayout;
}

export const USUAL_CONDITIONS: Conditions = {
  context: 4096,
  batch: 1,
  cacheDtype: "bf16",
  layout: "optimized",
};
