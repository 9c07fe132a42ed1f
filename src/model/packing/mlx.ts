import type { PackingHints } from "./hints.ts";
import type { PackingFormat } from "./packing-format.ts";
import { chooseLength, isSameShape, readMatrices } from "./shapes.ts";

const WORD_BITS = 32;

/** Source: ml-explore/mlx, mlx/ops.cpp, affine_quantize. */
const AFFINE_BIT_WIDTHS: readonly number[] = [2, 3, 4, 5, 6, 8];
const AFFINE_GROUP_SIZES: readonly number[] = [32, 64, 128];

/** mxfp4, nvfp4, mxfp8. Their groups are fixed, and bits × group identifies each. */
const FLOAT_MODES: readonly (readonly [bits: number, group: number])[] = [
  [4, 32],
  [4, 16],
  [8, 32],
];

/**
 * MLX: words packed along the inputs, embeddings and heads as well [out, in × bits / 32]
 * (mlx-community/Qwen3-14B-4bit). `biases` are zero points; the bias of a layer is `bias`.
 * Source: ml-explore/mlx, python/mlx/nn/layers/quantized.py.
 */
export const MLX: PackingFormat = {
  name: "mlx",
  leaf: "weight",
  auxiliary: { scale: "scales", "zero-point": "biases" },
  inferShape(weight, { tensors }, hints) {
    const scaleTensor = tensors.get("scales");
    if (weight.dtype !== "U32" || scaleTensor === undefined) return null;
    const packed = readMatrices(weight);
    const scales = readMatrices(scaleTensor);
    if (packed === null || scales === null) return null;
    const { batch, rows, columns: words } = packed;
    if (scales.rows !== rows || !isSameShape(scales.batch, batch)) return null;
    const biases = tensors.get("biases");
    if (biases !== undefined && !isSameShape(biases.shape, scaleTensor.shape)) return null;

    const modes = scaleTensor.dtype === "U8" ? FLOAT_MODES : listAffineModes(hints);
    const candidates = modes
      .filter(([bits, group]) => words * WORD_BITS === scales.columns * group * bits)
      .map(([, group]) => scales.columns * group);
    const inputs = chooseLength(candidates, hints);
    return inputs === null ? null : [...batch, rows, inputs];
  },
};

/** List all pairs of the config's widths and group sizes; the shapes or the dimensions then decide. */
function listAffineModes({ bitWidths, groupSizes }: PackingHints): readonly (readonly [number, number])[] {
  const groups = AFFINE_GROUP_SIZES.filter((group) => groupSizes.size === 0 || groupSizes.has(group));
  return AFFINE_BIT_WIDTHS.filter((bits) => bitWidths.size === 0 || bitWidths.has(bits)).flatMap((bits) =>
    groups.map((group) => [bits, group] as const),
  );
}
