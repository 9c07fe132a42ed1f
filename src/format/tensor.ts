/** One stored array, as the header of its file describes it. */
export interface Tensor {
  readonly name: string;
  /** Dimensions as stored, outermost first, in elements; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** How it is stored: a safetensors dtype (`BF16`) or a GGUF type (`Q4_K`). */
  readonly dtype: string;
  readonly bytes: number;
  /** The tensor whose storage this one is, as PyTorch files say of a tied head. */
  readonly sharedWith?: string | null;
}

/** The product of a shape, exact; null when it passes 2^53 − 1 or a dimension is not a whole number. */
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
