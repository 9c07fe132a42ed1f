import type { PackingHints } from "./hints.ts";
import type { PackingFormat } from "./packing-format.ts";
import { isSameShape, readLength, readMatrix } from "./shapes.ts";

/** EXL2 pads the outputs to a multiple of this. */
const OUTPUT_PADDING = 32;

/**
 * EXL2: groups of rows of different widths, so that only the permutation shows the inputs, and only the scales (eight
 * per word) the outputs (turboderp/Llama-3.1-8B-Instruct-exl2). Source: turboderp-org/exllamav2, conversion/adaptivegptq.py.
 */
export const EXL2: PackingFormat = {
  name: "exl2",
  leaf: "q_weight",
  auxiliary: { scale: "q_scale q_scale_max", index: "q_groups q_group_map q_invperm q_perm" },
  inferShape(weight, { tensors }, hints) {
    const packed = readMatrix(weight);
    const scales = readMatrix(tensors.get("q_scale"));
    const inputs = readLength(tensors.get("q_invperm") ?? tensors.get("q_perm"));
    if (packed === null || scales === null || inputs === null || weight.dtype !== "I32") return null;
    if (scales.columns * 8 !== packed.columns) return null;
    if (readLength(tensors.get("q_groups")) !== scales.rows * 2) return null;
    const bitsPerWeight = (packed.rows * 32) / inputs;
    return bitsPerWeight > 8 ? null : [removePadding(packed.columns, hints), inputs];
  },
};

/** A vocabulary of 32,003 is stored as 32,032 columns. */
function removePadding(padded: number, { dimensions }: PackingHints): number {
  if (dimensions.has(padded)) return padded;
  const widths = [...dimensions].filter(
    (width) => Math.ceil(width / OUTPUT_PADDING) * OUTPUT_PADDING === padded,
  );
  return widths.length === 1 ? (widths[0] ?? padded) : padded;
}

const TILE = 16;

/**
 * EXL3: tiles of 16 × 16 weights, a whole number of bits per weight: [in / 16, out / 16, 16 × bits]
 * (turboderp/Llama-3.1-8B-Instruct-exl3). Source: turboderp-org/exllamav3, exllamav3/modules/quant/exl3.py.
 */
export const EXL3: PackingFormat = {
  name: "exl3",
  leaf: "trellis",
  auxiliary: { scale: "suh svh su sv", codebook: "mcg mul1" },
  inferShape(trellis, { tensors }) {
    const [inputTiles, outputTiles, tileWords, ...others] = trellis.shape;
    if (inputTiles === undefined || outputTiles === undefined || tileWords === undefined || others.length > 0)
      return null;
    if (trellis.dtype !== "I16" || tileWords % TILE !== 0 || tileWords > TILE * 8) return null;
    // Early files store signs as bits: `su` and `sv`, sixteen per word.
    const inputs = readLength(tensors.get("suh")) ?? (readLength(tensors.get("su")) ?? 0) * TILE;
    const outputs = readLength(tensors.get("svh")) ?? (readLength(tensors.get("sv")) ?? 0) * TILE;
    return isSameShape([inputs, outputs], [inputTiles * TILE, outputTiles * TILE]) ? [outputs, inputs] : null;
  },
};
