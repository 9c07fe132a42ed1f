export type { Tensor } from "../source/tensor.ts";

/** Return the exact product of a shape; null if it exceeds 2^53 − 1 or a dimension is not a whole number. */
export function countElements(shape: readonly number[]): number | null {
  if (!shape.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)) return null;
  if (shape.includes(0)) return 0;
  let elements = 1;
  for (const dimension of shape) {
    elements *= dimension;
    if (elements > Number.MAX_SAFE_INTEGER) return null;
  }
  return elements;
}
