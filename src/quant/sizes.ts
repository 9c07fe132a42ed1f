import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import type { Basis } from "../contract/terms.ts";
import { findLevel, type Level } from "./levels.ts";
import { predict, type Quantization } from "./quantization.ts";
import type { LogicalModel, Prediction } from "./scheme.ts";
import { predictVariants } from "./variants.ts";

/** Another exact size that publishers of the same scheme ship. */
interface SizeVariant {
  /** The choice that leads to it: `output head stored again`. */
  readonly because: string;
  readonly bytes: number;
}

/** The size of a model at one quantization; null where it is unknown. */
export interface Size {
  readonly quantization: string;
  readonly bytes: number | null;
  readonly bitsPerWeight: number | null;
  readonly basis: Basis | null;
  /** The largest single array with its scales; null where it is unknown. */
  readonly largestArrayBytes: number | null;
  /** Half the width of a prediction's error band, relative: 0.005 is ±0.5 %. */
  readonly errorBand: number | null;
  /** Other exact sizes that publishers of the same scheme ship. */
  readonly variants: SizeVariant[];
  /** A second file that programs load with the weights: vision and audio of a GGUF model; null where there is none. */
  readonly projectorBytes: number | null;
  /** Choices that a prediction assumes. */
  readonly assumptions: string[];
  /** Why the size is unknown. */
  readonly reason: string | null;
}

/** Figures of a model that the size depends on, besides its weights. */
interface SizeContext {
  readonly parameters: number;
  /** The size of the file that the repository publishes at this quantization; null where there is none. */
  readonly publishedBytes: number | null;
}

/**
 * Compute the size of a model whose weights are known: as published where the file exists, or else as predicted. A size
 * beyond 2^53 bytes is unknown, not rounded.
 */
export function computeSize(
  quantization: Quantization,
  model: LogicalModel,
  { parameters, publishedBytes }: SizeContext,
): Size {
  const prediction = predictExactly(quantization, model);
  if (publishedBytes !== null && !isPlausible(publishedBytes, parameters, prediction))
    return buildUnknownSize(
      quantization,
      `the published file has ${publishedBytes} bytes, which no file of this model has at ${quantization.name}`,
    );
  if (publishedBytes !== null) {
    const largestArrayBytes = findLargestArray(quantization, model, { prediction, publishedBytes });
    const own = isUnknown(prediction) ? null : prediction;
    return {
      ...buildSize(quantization, publishedBytes, own?.parameters ?? parameters, "published"),
      largestArrayBytes,
      projectorBytes: own?.projectorBytes ?? null,
    };
  }
  if (isUnknown(prediction)) return buildUnknownSize(quantization, prediction.reason);
  const { bytes, largestArrayBytes, errorBand, assumptions } = prediction;
  const basis = findLevel(quantization.name) === null ? "predicted" : "computed";
  return {
    ...buildSize(quantization, bytes, prediction.parameters ?? parameters, basis),
    largestArrayBytes,
    errorBand,
    projectorBytes: prediction.projectorBytes ?? null,
    variants: predictVariants(quantization, model, prediction).map((variant) => ({
      because: variant.because,
      bytes: variant.prediction.bytes,
    })),
    assumptions: [...assumptions],
  };
}

function predictExactly(quantization: Quantization, model: LogicalModel): Prediction | Unknown {
  const tooLarge = unknown("it is too large to be counted exactly");
  try {
    const prediction = predict(quantization, model);
    return isUnknown(prediction) || Number.isSafeInteger(prediction.bytes) ? prediction : tooLarge;
  } catch (error) {
    if (error instanceof RangeError) return tooLarge;
    throw error;
  }
}

/** Publishers choose other types for some tensors, or add layers; another model, or a graph without its data, is further off. */
const PLAUSIBLE_RATIO = 2.5;
/** Less than 1 bit and more than 64 bits per weight are of another model. */
const PLAUSIBLE_BYTES = { min: 0.12, max: 8.4 };

function isPlausible(publishedBytes: number, parameters: number, prediction: Prediction | Unknown): boolean {
  if (isUnknown(prediction))
    return (
      publishedBytes >= PLAUSIBLE_BYTES.min * parameters && publishedBytes <= PLAUSIBLE_BYTES.max * parameters
    );
  const ratio = publishedBytes / prediction.bytes;
  return ratio >= 1 / PLAUSIBLE_RATIO && ratio <= PLAUSIBLE_RATIO;
}

/** Return the largest array of a published file, where a prediction has the size of the file and so its arrays. */
function findLargestArray(
  quantization: Quantization,
  model: LogicalModel,
  { prediction, publishedBytes }: { prediction: Prediction | Unknown; publishedBytes: number },
): number | null {
  if (isUnknown(prediction)) return null;
  const agrees = ({ bytes, errorBand }: Prediction) =>
    Math.abs(bytes - publishedBytes) <= (errorBand ?? 0) * publishedBytes;
  if (agrees(prediction)) return prediction.largestArrayBytes;
  const variants = predictVariants(quantization, model, prediction);
  return variants.find((variant) => agrees(variant.prediction))?.prediction.largestArrayBytes ?? null;
}

/** Bits per weight when nearly all weights are in matrices, as in every language model. */
const TYPICAL_BITS = { fp32: 32, fp16: 16, int8: 8, int4: 4.5 } as const satisfies Record<Level, number>;

/**
 * How much larger the exact size can be, over 52 real models: scales and 16-bit vectors of albert/albert-base-v2 add 1.01 %
 * to int8 and 0.9 % to int4.
 */
const ESTIMATE_BANDS: Readonly<Record<Level, number | null>> = {
  fp32: null,
  fp16: null,
  int8: 0.011,
  int4: 0.01,
};

/** Estimate the size of a model whose shapes are unknown: as published where the file exists; fp32 and fp16 depend on the number of parameters alone. */
export function estimateSize(
  quantization: Quantization,
  parameters: number | null,
  publishedBytes: number | null = null,
): Size {
  if (publishedBytes !== null)
    return {
      ...buildSize(quantization, publishedBytes, parameters ?? 0, "published"),
      bitsPerWeight: computeBitsPerWeight(publishedBytes, parameters),
    };
  const level = findLevel(quantization.name);
  if (parameters === null) return buildUnknownSize(quantization, "the number of parameters is not known");
  if (level === null) return buildUnknownSize(quantization, "the shapes of the weights are not known");
  const bytes = Math.ceil((parameters * TYPICAL_BITS[level]) / 8);
  return {
    ...buildSize(quantization, bytes, parameters, "predicted"),
    errorBand: ESTIMATE_BANDS[level],
  };
}

function buildSize({ name }: Quantization, bytes: number, parameters: number, basis: Basis): Size {
  return {
    quantization: name,
    bytes,
    bitsPerWeight: computeBitsPerWeight(bytes, parameters),
    basis,
    largestArrayBytes: null,
    errorBand: null,
    projectorBytes: null,
    variants: [],
    assumptions: [],
    reason: null,
  };
}

function buildUnknownSize({ name }: Quantization, reason: string): Size {
  return {
    quantization: name,
    bytes: null,
    bitsPerWeight: null,
    basis: null,
    largestArrayBytes: null,
    errorBand: null,
    projectorBytes: null,
    variants: [],
    assumptions: [],
    reason,
  };
}

/** Return the bits per weight, to a thousandth of a bit; null where there are no weights. */
export function computeBitsPerWeight(bytes: number, parameters: number | null): number | null {
  return parameters ? Math.round((bytes / parameters) * 8_000) / 1_000 : null;
}
