import type { Family } from "./family.ts";

const BLOCK = 32;
const BLOCK_BYTES = 16;

/**
 * gpt-oss: experts in blocks of 32 four-bit floats that share one exponent byte (openai/gpt-oss-20b).
 * Source: openai/gpt-oss, gpt_oss/torch/weights.py.
 */
export const MXFP4_BLOCKS: Family = {
  packing: "mxfp4-blocks",
  leaf: "blocks",
  auxiliary: new Map([["scales", "scale"]]),
  logicalShape(blocks, module) {
    const scales = module.tensors.get("scales");
    if (blocks.dtype !== "U8" || scales?.dtype !== "U8" || blocks.shape.length < 3) return null;
    if (blocks.shape.at(-1) !== BLOCK_BYTES) return null;
    const leading = blocks.shape.slice(0, -1);
    if (!isSameShape(scales.shape, leading)) return null;
    return [...leading.slice(0, -1), (leading.at(-1) ?? 0) * BLOCK];
  },
};

function isSameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((dimension, index) => dimension === right[index]);
}
