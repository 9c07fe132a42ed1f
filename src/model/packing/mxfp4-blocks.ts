import type { PackingFormat } from "./packing-format.ts";
import { isSameShape } from "./shapes.ts";

/** 32 weights of 4 bits. */
const BLOCK_WEIGHTS = 32;
const BLOCK_BYTES = 16;

/**
 * gpt-oss: experts in blocks of 4-bit floats that share one exponent byte (openai/gpt-oss-20b).
 * Source: openai/gpt-oss, gpt_oss/torch/weights.py.
 */
export const MXFP4_BLOCKS: PackingFormat = {
  name: "mxfp4-blocks",
  leaf: "blocks",
  auxiliary: { scale: "scales" },
  inferShape(blocks, module) {
    const scales = module.tensors.get("scales");
    const [blockBytes, blockCount, ...outer] = blocks.shape.toReversed();
    if (blocks.dtype !== "U8" || scales?.dtype !== "U8") return null;
    if (blockBytes !== BLOCK_BYTES || blockCount === undefined || outer.length === 0) return null;
    if (!isSameShape(scales.shape, blocks.shape.slice(0, -1))) return null;
    return [...outer.toReversed(), blockCount * BLOCK_WEIGHTS];
  },
};
