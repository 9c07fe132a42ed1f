import type { Tensor } from "../../format/tensor.ts";
import type { PackingHints } from "./hints.ts";
import type { PackingFormat } from "./packing-format.ts";
import { fitsGroups, isSameShape, readMatrices } from "./shapes.ts";

/** Eight 4-bit weights per word. */
const WEIGHTS_PER_WORD = 8;

/**
 * torchao in safetensors: tensor subclasses split into `….q_proj._weight_qdata`, `….q_proj._weight_scale`
 * (pytorch/Phi-4-mini-instruct-FP8). Sources: pytorch/ao, torchao/prototype/safetensors/safetensors_support.py and
 * torchao/quantization/quantize_/workflows/.
 */
export const TORCHAO: PackingFormat = {
  name: "torchao",
  leaf: "_weight_qdata",
  auxiliary: {
    scale: `_weight_scale _weight_scale_and_zero _weight_act_pre_scale _weight_act_quant_scale
    _weight_per_tensor_scale _weight_act_per_tensor_scale`,
    "zero-point": "_weight_zero_point",
  },
  inferShape(qdata, { tensors }, hints) {
    const scale = tensors.get("_weight_scale");
    if (scale !== undefined) return shapeOfPlain(qdata, scale, hints);
    return shapeOfTiles(qdata, tensors.get("_weight_scale_and_zero"), hints);
  },
};

function shapeOfPlain(qdata: Tensor, scale: Tensor, hints: PackingHints): readonly number[] | null {
  const packed = readMatrices(qdata);
  const scales = readMatrices(scale);
  if (packed === null) return null;
  const { batch, rows: outputs, columns } = packed;
  if (qdata.dtype.startsWith("F8_")) return qdata.shape;
  if (scales === null) return null;
  const isMicroscaled = qdata.dtype === "U8" && scale.dtype.startsWith("F8_");
  if (isMicroscaled) {
    const group = scale.dtype === "F8_E8M0" ? 32 : 16;
    return scales.rows === outputs && scales.columns * group === columns * 2
      ? [...batch, outputs, columns * 2]
      : null;
  }
  // Int4Tensor: scales [in / group, out], two inputs per byte, or eight per word.
  const perInteger = qdata.dtype === "I32" ? WEIGHTS_PER_WORD : 2;
  const inputs = columns * perInteger;
  if (scales.columns === outputs && scales.rows > 1 && fitsGroups(inputs, scales.rows, hints))
    return isSameShape(scales.batch, batch) ? [...batch, outputs, inputs] : null;
  // Int8Tensor: a byte per weight, scales [out, groups].
  return qdata.dtype === "I8" && scales.rows === outputs ? qdata.shape : null;
}

/** Int4TilePackedTo4dTensor: [out / 8, in / 128, 32, 4] words, scales and zero points [in / group, out, 2]. */
function shapeOfTiles(
  qdata: Tensor,
  scaleAndZero: Tensor | undefined,
  hints: PackingHints,
): readonly number[] | null {
  const [outputTiles, inputTiles, ...tile] = qdata.shape;
  const [groups, outputs, pair] = scaleAndZero?.shape ?? [];
  if (qdata.dtype !== "I32" || !isSameShape(tile, [32, 4]) || pair !== 2) return null;
  if (outputTiles === undefined || inputTiles === undefined || groups === undefined || outputs === undefined)
    return null;
  const inputs = inputTiles * 128;
  // The inputs are padded to a multiple of 1024: they are certain only if the config lists them.
  const isCertain = outputTiles * 8 === outputs && fitsGroups(inputs, groups, hints);
  return isCertain && hints.dimensions.has(inputs) ? [outputs, inputs] : null;
}
