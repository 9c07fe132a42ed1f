import { computeWeightBytes } from "./levels.ts";
import type { Quantization } from "./quantization.ts";
import type { SchemeOptions, Subject } from "./scheme.ts";
import type { Size } from "./sizes.ts";

/**
 * The bytes of the largest array, with its scales, which one buffer has to hold; null where the rule does not tell, or
 * the published file is not what it says. Qwen/Qwen2.5-0.5B-Instruct at onnx:q4 keeps an embedding of 545 MB.
 */
export function computeLargestBytes(
  quantization: Quantization,
  subject: Subject | null,
  { bytes }: Pick<Size, "bytes">,
  options: SchemeOptions,
): number | null {
  if (!subject || bytes === null) return null;
  const { level, scheme } = quantization;
  if (level !== null) return findLargest(subject.weights.map((weight) => computeWeightBytes(level, weight)));
  const prediction = scheme.predict(subject, options);
  if (prediction.bytes === null || Math.abs(prediction.bytes - bytes) > prediction.band * bytes) return null;
  return prediction.largestBytes ?? null;
}

/** The greatest of many numbers; a spread would overflow the stack. */
export function findLargest(bytes: readonly number[]): number {
  return bytes.reduce((most, some) => Math.max(most, some), 0);
}
