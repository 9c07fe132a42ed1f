/**
 * How GGUF stores numbers: weights that share a block, and the bytes of a block (scales, minima, then the weights).
 * Source: ggml-org/ggml, src/ggml-common.h.
 */
const BLOCKS = {
  F32: { weights: 1, bytes: 4 },
  F16: { weights: 1, bytes: 2 },
  BF16: { weights: 1, bytes: 2 },
  Q8_0: { weights: 32, bytes: 2 + 32 },
  Q6_K: { weights: 256, bytes: 2 + 16 + 128 + 64 },
  Q5_K: { weights: 256, bytes: 2 + 2 + 12 + 128 + 32 },
  Q5_1: { weights: 32, bytes: 2 + 2 + 4 + 16 },
  Q5_0: { weights: 32, bytes: 2 + 4 + 16 },
  Q4_K: { weights: 256, bytes: 2 + 2 + 12 + 128 },
  Q4_1: { weights: 32, bytes: 2 + 2 + 16 },
  Q4_0: { weights: 32, bytes: 2 + 16 },
  Q3_K: { weights: 256, bytes: 2 + 12 + 64 + 32 },
  Q2_K: { weights: 256, bytes: 2 + 2 + 16 + 64 },
  IQ4_NL: { weights: 32, bytes: 2 + 16 },
  IQ4_XS: { weights: 256, bytes: 2 + 2 + 4 + 128 },
  IQ3_S: { weights: 256, bytes: 2 + 64 + 8 + 32 + 4 },
  IQ3_XXS: { weights: 256, bytes: 2 + 96 },
  IQ2_S: { weights: 256, bytes: 2 + 64 + 8 + 8 },
  IQ2_XS: { weights: 256, bytes: 2 + 64 + 8 },
  IQ2_XXS: { weights: 256, bytes: 2 + 64 },
  IQ1_M: { weights: 256, bytes: 32 + 16 + 8 },
  IQ1_S: { weights: 256, bytes: 2 + 32 + 16 },
  TQ2_0: { weights: 256, bytes: 2 + 64 },
  TQ1_0: { weights: 256, bytes: 2 + 48 + 4 },
  MXFP4: { weights: 32, bytes: 1 + 16 },
} as const;

export type BlockType = keyof typeof BLOCKS;

/** Blocks never cross rows, so a type fits only rows that it divides. */
export function fitsRows(type: BlockType, columns: number): boolean {
  return columns % BLOCKS[type].weights === 0;
}

/** The bytes of so many weights; exact as long as the type fits the rows they stand in. */
export function computeBlockBytes(type: BlockType, weights: number): number {
  const block = BLOCKS[type];
  return (weights / block.weights) * block.bytes;
}
