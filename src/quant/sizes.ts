import type { Weight } from "../model/weight.ts";
import { computeLevelBytes, LEVELS, type Level } from "./levels.ts";

export type Quantization = Level;
export const QUANTIZATIONS = LEVELS;

/** What a model would weigh at one quantization, and what that figure rests on; null where it is unknown. */
export interface Size {
  readonly quantization: Quantization;
  readonly bytes: number | null;
  readonly bitsPerWeight: number | null;
  readonly basis: "published" | "computed" | "predicted" | null;
}

/** The exact size of known weights. */
export function computeSize(
  quantization: Quantization,
  weights: readonly Weight[],
  parameters: number,
): Size {
  const bytes = computeLevelBytes(quantization, weights);
  return { quantization, bytes, bitsPerWeight: ratio(bytes, parameters), basis: "computed" };
}

/** Bits a weight when nearly all weights stand in matrices, as in every language model. */
const TYPICAL_BITS = { fp32: 32, fp16: 16, int8: 8, int4: 4.5 } as const satisfies Record<Level, number>;

/** The size of so many weights of unknown shapes; fp32 and fp16 depend on the number alone. */
export function estimateSize(quantization: Quantization, parameters: number | null): Size {
  if (parameters === null) return { quantization, bytes: null, bitsPerWeight: null, basis: null };
  const bits = TYPICAL_BITS[quantization];
  return { quantization, bytes: Math.ceil((parameters * bits) / 8), bitsPerWeight: bits, basis: "predicted" };
}

/** Bits a weight, to a thousandth. */
function ratio(bytes: number, parameters: number): number | null {
  return parameters === 0 ? null : Math.round((bytes * 8_000) / parameters) / 1_000;
}
