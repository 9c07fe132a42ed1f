import type { PackingFormat } from "./packing-format.ts";
import { fitsGroups, readMatrix } from "./shapes.ts";

/** Marlin lays 4-bit weights out in tiles of 16 × 16: [in / 16, out × 16 / 8]. */
const TILE = 16;
const WORDS_PER_OUTPUT = 2;

/**
 * GPTQ and AWQ weights rearranged for the Marlin kernel: `B` and `s` (neuralmagic/TinyLlama-1.1B-Chat-v1.0-marlin),
 * or `qweight` and `scales`. Sources: IST-DASLab/marlin, marlin/__init__.py; casper-hansen/AutoAWQ,
 * awq/modules/linear/marlin.py.
 */
export const MARLIN: readonly PackingFormat[] = [
  { leaf: "B", scaleLeaf: "s" },
  { leaf: "qweight", scaleLeaf: "scales" },
].map(({ leaf, scaleLeaf }) => ({
  name: "marlin",
  leaf,
  auxiliary: { scale: scaleLeaf, metadata: "workspace" },
  inferShape(packedTensor, { tensors }, hints) {
    const packed = readMatrix(packedTensor);
    const scales = readMatrix(tensors.get(scaleLeaf));
    if (packed === null || scales === null || packedTensor.dtype !== "I32") return null;
    if (packed.columns !== scales.columns * WORDS_PER_OUTPUT) return null;
    const inputs = packed.rows * TILE;
    return fitsGroups(inputs, scales.rows, hints) ? [scales.columns, inputs] : null;
  },
}));

/**
 * 2:4 sparse weights for the Marlin kernel: half of them are stored
 * (nm-testing/llama7b-one-shot-2_4-w4a16-marlin24-t). A pruned weight is still a weight.
 * Source: neuralmagic/compressed-tensors, src/compressed_tensors/compressors/sparse_quantized_compressors/marlin_24.py.
 */
export const MARLIN_24: PackingFormat = {
  name: "marlin-24",
  leaf: "weight_packed",
  auxiliary: { scale: "scale_packed", index: "meta" },
  inferShape(weightPacked, { tensors }, hints) {
    const packed = readMatrix(weightPacked);
    const scales = readMatrix(tensors.get("scale_packed"));
    if (packed === null || scales === null || weightPacked.dtype !== "I32" || !tensors.has("meta"))
      return null;
    const bits = (packed.columns * 2) / scales.columns;
    const inputs = packed.rows * TILE * 2;
    if (bits !== 4 && bits !== 8) return null;
    return fitsGroups(inputs, scales.rows, hints) ? [scales.columns, inputs] : null;
  },
};
