import { countElements } from "../../format/tensor.ts";
import type { PackingFormat } from "./packing-format.ts";
import { chooseLength, fitsGroups, isSameShape, readLength, readMatrices, readMatrix } from "./shapes.ts";

const WORD_BITS = 32;
const BIT_WIDTHS: readonly number[] = [2, 3, 4, 5, 6, 7, 8];

/**
 * `pack-quantized`: integers packed along the inputs [out, in × bits / 32] (moonshotai/Kimi-K2.5). The plain shape is
 * stored as data, which is not read. Older releases left the rest of a word empty where the width does not divide it.
 * Source: vllm-project/compressed-tensors, src/compressed_tensors/compressors/pack_quantized/.
 */
export const PACK_QUANTIZED: PackingFormat = {
  name: "compressed-tensors",
  leaf: "weight_packed",
  auxiliary: {
    scale: "weight_scale weight_global_scale input_scale input_global_scale output_scale",
    "zero-point": "weight_zero_point input_zero_point output_zero_point",
    index: "weight_g_idx",
    metadata: "weight_shape",
  },
  inferShape(weightPacked, { tensors }, hints) {
    const packed = readMatrices(weightPacked);
    const scales = readMatrices(tensors.get("weight_scale"));
    if (packed === null || scales === null || weightPacked.dtype !== "I32") return null;
    const { batch, rows: outputs, columns: words } = packed;
    if (scales.rows !== outputs || !isSameShape(scales.batch, batch)) return null;

    const zeros = tensors.get("weight_zero_point");
    const index = tensors.get("weight_g_idx");
    const configured = BIT_WIDTHS.filter((bits) => hints.bitWidths.has(bits));
    const candidates = (configured.length > 0 ? configured : BIT_WIDTHS).flatMap((bits) => {
      if (zeros?.dtype === "I32" && readMatrices(zeros)?.rows !== Math.ceil((outputs * bits) / WORD_BITS))
        return [];
      const lengths = [
        (words * WORD_BITS) / bits,
        ...[...hints.groupSizes].map((size) => size * scales.columns),
      ];
      return lengths.filter(
        (inputs) =>
          Number.isSafeInteger(inputs) &&
          fillsWords(inputs, bits, words) &&
          fitsGroups(inputs, scales.columns, hints) &&
          (index === undefined || readLength(index) === inputs),
      );
    });
    const inputs = chooseLength(candidates, hints);
    return inputs === null ? null : [...batch, outputs, inputs];
  },
};

function fillsWords(weights: number, bits: number, words: number): boolean {
  return (
    Math.ceil((weights * bits) / WORD_BITS) === words ||
    Math.ceil(weights / Math.floor(WORD_BITS / bits)) === words
  );
}

/**
 * Sparse weights: the nonzero ones, and a bit per weight that marks them. A pruned weight is still a weight.
 * Source: neuralmagic/compressed-tensors, src/compressed_tensors/compressors/sparse_compressors/.
 */
export const SPARSE_BITMASK: PackingFormat = {
  name: "sparse-bitmask",
  leaf: "compressed",
  auxiliary: { index: "bitmask row_offsets", metadata: "shape", scale: "weight_scale input_scale" },
  inferShape(compressed, { tensors }) {
    const bitmask = tensors.get("bitmask");
    const mask = readMatrix(bitmask);
    const stored = countElements(compressed.shape);
    if (mask === null || bitmask?.dtype !== "U8" || stored === null) return null;
    const inputs = mask.columns * 8;
    if (tensors.has("row_offsets")) return stored <= mask.rows * inputs ? [mask.rows, inputs] : null;
    // 2:4: of every four weights, two are stored.
    return isSameShape(compressed.shape, [mask.rows, inputs / 2]) ? [mask.rows, inputs] : null;
  },
};
