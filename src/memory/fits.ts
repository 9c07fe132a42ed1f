import type { Bound, Device } from "./devices.ts";

export const FIT_OUTCOMES = ["fits", "tight", "exceeds", "unknown"] as const;

export type FitOutcome = (typeof FIT_OUTCOMES)[number];

/** What a model needs of each thing that a device may bound; null where it is not known. */
export type Needs = Readonly<Record<Bound, number | null>>;

export interface Fit {
  readonly device: string;
  readonly outcome: FitOutcome;
  /** The limit that decided, as in `GPU memory`. */
  readonly limitName: string;
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

/** Exactly the limit still fits, tightly. */
export function judgeFit(needs: Needs, device: Device): Omit<Fit, "maxContext"> {
  const { id, bounds, limitBytes, limitName } = device;
  const bytes = needs[bounds];
  // Weights that are beyond it alone are beyond it with any cache.
  const isBeyond = bounds === "memory" && bytes === null && (needs.download ?? 0) > limitBytes;
  return { device: id, outcome: isBeyond ? "exceeds" : judge(bytes, device), limitName: limitName };
}

function judge(bytes: number | null, { limitBytes, recommendedBytes }: Device): FitOutcome {
  if (bytes === null) return "unknown";
  if (bytes > limitBytes) return "exceeds";
  return bytes > recommendedBytes ? "tight" : "fits";
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
