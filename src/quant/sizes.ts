import type { Level } from "./levels.ts";
import { computeLevelBytes } from "./levels.ts";
import type { Quantization } from "./quantization.ts";
import type { SchemeOptions, Subject } from "./scheme.ts";

/** What a model weighs, or would weigh, at one quantization, and what that figure rests on; null where it is unknown. */
export interface Size {
  readonly quantization: string;
  readonly bytes: number | null;
  readonly bitsPerWeight: number | null;
  readonly basis: "published" | "computed" | "predicted" | null;
  /** Half the width of a prediction's error band, relative: 0.005 is ±0.5 %. */
  readonly errorBand: number | null;
  /** What a prediction takes for granted. */
  readonly assumptions: string[];
  /** Why there is no figure. */
  readonly reason: string | null;
}

/** The bytes of the very file of a scheme, where the repository has it. */
export type FindPublished = (quantization: Quantization) => number | null;

/**
 * The size of known weights: a level exactly, a scheme as published or else as its tool would write it. A size that
 * passes 2^53 bytes is unknown, not rounded.
 */
export function computeSize(
  quantization: Quantization,
  subject: Subject,
  parameters: number,
  findPublished: FindPublished,
  options: SchemeOptions,
): Size {
  try {
    return computeExactly(quantization, subject, parameters, findPublished, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return describeUnknown(quantization, "it is too large to be counted exactly");
  }
}

function computeExactly(
  quantization: Quantization,
  subject: Subject,
  parameters: number,
  findPublished: FindPublished,
  options: SchemeOptions,
): Size {
  if (quantization.level !== null) {
    const bytes = computeLevelBytes(quantization.level, subject.weights);
    return describeSize(quantization, bytes, parameters, "computed");
  }
  const published = findPublished(quantization);
  if (published !== null) return describeSize(quantization, published, parameters, "published");
  const prediction = quantization.scheme.predict(subject, options);
  if (prediction.bytes === null) return describeUnknown(quantization, prediction.reason);
  if (!Number.isSafeInteger(prediction.bytes)) throw new RangeError("the size is not a safe integer");
  return {
    ...describeSize(quantization, prediction.bytes, parameters, "predicted"),
    errorBand: prediction.band,
    assumptions: [...prediction.assumptions],
  };
}

/** Bits a weight when nearly all weights stand in matrices, as in every language model. */
const TYPICAL_BITS = { fp32: 32, fp16: 16, int8: 8, int4: 4.5 } as const satisfies Record<Level, number>;

/** The size of so many weights of unknown shapes; fp32 and fp16 depend on the number alone. */
export function estimateSize(quantization: Quantization, parameters: number | null): Size {
  if (parameters === null) return describeUnknown(quantization, "the number of parameters is not known");
  if (quantization.level === null)
    return describeUnknown(quantization, "the shapes of the weights are not known");
  const bytes = Math.ceil((parameters * TYPICAL_BITS[quantization.level]) / 8);
  return describeSize(quantization, bytes, parameters, "predicted");
}

function describeSize(
  { name }: Quantization,
  bytes: number,
  parameters: number,
  basis: NonNullable<Size["basis"]>,
): Size {
  const bitsPerWeight = computeBitsPerWeight(bytes, parameters);
  return { quantization: name, bytes, bitsPerWeight, basis, errorBand: null, assumptions: [], reason: null };
}

function describeUnknown({ name }: Quantization, reason: string): Size {
  return {
    quantization: name,
    bytes: null,
    bitsPerWeight: null,
    basis: null,
    errorBand: null,
    assumptions: [],
    reason,
  };
}

/** To a thousandth of a bit; null where there is nothing to divide by. */
export function computeBitsPerWeight(bytes: number, parameters: number | null): number | null {
  return parameters ? Math.round((bytes / parameters) * 8_000) / 1_000 : null;
}
