import type { Bound, Device } from "./devices.ts";

export const FIT_OUTCOMES = ["fits", "tight", "exceeds", "unknown"] as const;

export type FitOutcome = (typeof FIT_OUTCOMES)[number];

/** What a model needs of each thing that a device may bound; null where it is not known. */
export type Needs = Readonly<Record<Bound, number | null>>;

export interface Fit {
  readonly device: string;
  readonly outcome: FitOutcome;
  /** The limit that decided, as in `GPU memory`. */
  readonly limit: string;
}

/** Beyond this share of the memory other things get in the way: vllm-project/vllm, `gpu_memory_utilization`. */
const COMFORTABLE_SHARE = 0.9;

/** Exactly the limit still fits, tightly. Only memory is shared with others, so only memory can be tight. */
export function judgeFit(needs: Needs, { id, bounds, memoryBytes, limitName }: Device): Fit {
  return { device: id, outcome: judge(needs[bounds], memoryBytes, bounds), limit: limitName };
}

function judge(bytes: number | null, limitBytes: number, bounds: Bound): FitOutcome {
  if (bytes === null) return "unknown";
  if (bytes > limitBytes) return "exceeds";
  return bounds === "memory" && bytes > limitBytes * COMFORTABLE_SHARE ? "tight" : "fits";
}
