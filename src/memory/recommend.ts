import type { Bound } from "../contract/terms.ts";
import type { MemoryReport } from "../contract/types.ts";
import type { Device } from "./device.ts";
import { isResearch, rateQuality } from "./quality.ts";

type Recommendation = MemoryReport["recommendations"][number];
type Fit = MemoryReport["fits"][number];

/** One quantization of a model on a device. */
export interface Choice {
  readonly quantization: string;
  readonly bitsPerWeight: number | null;
  /** What it needs of the device's limit; null where that is not known. */
  readonly needsBytes: number | null;
  /** How much more that is than the device has; 0 where it fits. */
  readonly missingBytes: number;
}

/**
 * Recommend the best quantization that fits on a device, even tightly; the next better one, which does not fit; and the
 * next smaller one, which leaves more. Choices that are both larger and worse than another are left out.
 */
export function recommend(device: Device, choices: readonly Choice[], fits: readonly Fit[]): Recommendation {
  const own = new Map(fits.filter((fit) => fit.device === device.id).map((fit) => [fit.quantization, fit]));
  const useful = dropWorse(choices);
  const index = useful.findIndex(({ quantization }) => isFitting(own.get(quantization)));
  const chosen = useful[index];
  const fit = chosen && own.get(chosen.quantization);
  const better = index === -1 ? useful.at(-1) : useful[index - 1];
  const safer = index === -1 ? undefined : useful[index + 1];
  const saferFit = safer && own.get(safer.quantization);
  const isUndecided =
    choices.length === 0 || choices.some(({ quantization }) => own.get(quantization)?.outcome === "unknown");
  return {
    device: device.id,
    quantization: chosen?.quantization ?? null,
    outcome: fit?.outcome ?? (isUndecided ? "unknown" : "exceeds"),
    needsBytes: chosen?.needsBytes ?? null,
    maxContext: fit?.maxContext ?? null,
    better:
      better && better.missingBytes > 0
        ? { quantization: better.quantization, missingBytes: better.missingBytes }
        : null,
    safer:
      safer && saferFit
        ? { quantization: safer.quantization, outcome: saferFit.outcome, maxContext: saferFit.maxContext }
        : null,
  };
}

/** Build a choice from what a quantization needs of each limit. */
export function buildChoice(
  names: Pick<Choice, "quantization" | "bitsPerWeight">,
  needs: Readonly<Record<Bound, number | null>>,
  { bounds, limitBytes }: Device,
): Choice {
  const needsBytes = needs[bounds];
  return { ...names, needsBytes, missingBytes: Math.max(0, (needsBytes ?? 0) - limitBytes) };
}

function isFitting(fit: Fit | undefined): boolean {
  return fit?.outcome === "fits" || fit?.outcome === "tight";
}

/** List the choices best first, each smaller than all before it. Of equal sizes the best is left. */
function dropWorse(choices: readonly Choice[]): Choice[] {
  const rate = ({ quantization, bitsPerWeight }: Choice) => rateQuality(quantization, bitsPerWeight);
  let least = Infinity;
  return choices
    .filter(({ quantization, needsBytes }) => needsBytes !== null && !isResearch(quantization))
    .toSorted((a, b) => rate(b) - rate(a) || (a.needsBytes ?? 0) - (b.needsBytes ?? 0))
    .filter(({ needsBytes }) => {
      const bytes = needsBytes ?? Infinity;
      const isSmaller = bytes < least;
      least = Math.min(least, bytes);
      return isSmaller;
    });
}
