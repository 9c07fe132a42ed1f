import type { Device } from "./device.ts";
import type { Bound, FitOutcome } from "../contract/terms.ts";
import type { MemoryReport } from "../contract/types.ts";

/** The bytes that a model needs, by kind of limit; null where unknown. */
export type Needs = Readonly<Record<Bound, number | null>>;

type Fit = MemoryReport["fits"][number];

/** Judge whether a model fits on a device. Exactly the limit still fits, tightly. */
export function judgeFit(needs: Needs, device: Device): Pick<Fit, "device" | "outcome" | "limitName"> {
  const { id, bounds, limitBytes, limitName } = device;
  const bytes = needs[bounds];
  // Weights that exceed the limit alone exceed it with any cache.
  const isExceeded = bounds === "memory" && bytes === null && (needs.download ?? 0) > limitBytes;
  return { device: id, outcome: isExceeded ? "exceeds" : judge(bytes, device), limitName };
}

function judge(bytes: number | null, { limitBytes, recommendedBytes }: Device): FitOutcome {
  if (bytes === null) return "unknown";
  if (bytes > limitBytes) return "exceeds";
  return bytes > recommendedBytes ? "tight" : "fits";
}
