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
  /** Tokens that fit beside the weights, at most those the model was made for; null where memory is not the limit. */
  readonly maxContext: number | null;
}

/** The largest quantization that a device holds. */
export interface Largest {
  readonly device: string;
  /** Null where none fits, or none is known to. */
  readonly quantization: string | null;
  readonly outcome: FitOutcome;
  readonly maxContext: number | null;
}

/** Beyond this share of the memory other things get in the way: vllm-project/vllm, `gpu_memory_utilization`. */
const COMFORTABLE_SHARE = 0.9;

/** Exactly the limit still fits, tightly. Only memory is shared with others, so only memory can be tight. */
export function judgeFit(
  needs: Needs,
  { id, bounds, limitBytes, limitName }: Device,
): Omit<Fit, "maxContext"> {
  return { device: id, outcome: judge(needs[bounds], limitBytes, bounds), limit: limitName };
}

function judge(bytes: number | null, limitBytes: number, bounds: Bound): FitOutcome {
  if (bytes === null) return "unknown";
  if (bytes > limitBytes) return "exceeds";
  return bounds === "memory" && bytes > limitBytes * COMFORTABLE_SHARE ? "tight" : "fits";
}

/** The first of the heaviest that fit, even tightly. */
export function findLargest(
  { id }: Device,
  stored: readonly { readonly quantization: string; readonly bytes: number | null }[],
  fits: readonly (Fit & { readonly quantization: string })[],
): Largest {
  const bytesOf = new Map(stored.map(({ quantization, bytes }) => [quantization, bytes ?? 0]));
  const own = fits.filter(({ device }) => device === id);
  const [largest] = own
    .filter(({ outcome }) => outcome === "fits" || outcome === "tight")
    .toSorted((a, b) => (bytesOf.get(b.quantization) ?? 0) - (bytesOf.get(a.quantization) ?? 0));
  if (largest) {
    const { quantization, outcome, maxContext } = largest;
    return { device: id, quantization, outcome, maxContext };
  }
  const isOpen = own.length === 0 || own.some(({ outcome }) => outcome === "unknown");
  return { device: id, quantization: null, outcome: isOpen ? "unknown" : "exceeds", maxContext: null };
}
