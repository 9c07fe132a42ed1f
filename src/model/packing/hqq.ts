import type { Tensor } from "../../format/tensor.ts";
import type { PackingHints } from "./hints.ts";
import type { PackedModule } from "./modules.ts";
import type { PackingFormat } from "./packing-format.ts";
import { inferLinearShape, readMatrix, WORD_BITS } from "./shapes.ts";

/** Bit widths of the weights in a stored integer, which holds as many of them as fit. */
const BIT_WIDTHS: ReadonlyMap<string, readonly number[]> = new Map([
  ["U8", [8, 4, 2, 1]],
  ["I32", [3]],
]);

/**
 * HQQ: the weight as a table of groups, one group per row (axis 1) or column (axis 0), packed along the rows; a scale per
 * group (mobiuslabsgmbh/Llama-3.1-8b-instruct_4bitgs64_hqq_calib). The plain shape is stored as data, which is not read.
 * Source: mobiusml/hqq, hqq/core/quantize.py.
 */
export const HQQ: readonly PackingFormat[] = [
  {
    name: "hqq",
    leaf: "W_q",
    auxiliary: {
      scale: "scale",
      "zero-point": "zero",
      metadata: `meta nbits group_size shape axis packing unpack_view_dtype view_as_float quant_scale quant_zero
      compute_dtype offload_meta encoded_state_dict stores_quant_config channel_wise optimize round_zero`,
    },
    inferShape: (packed, module, hints) => inferGrouped(packed, module, { scale: "scale", hints }),
  },
  // The same table with its parts below the weight: `….q_proj.weight.packed`.
  {
    name: "grouped",
    leaf: "weight.packed",
    auxiliary: { scale: "weight.scale", "zero-point": "weight.zero_point" },
    inferShape: (packed, module, hints) => inferGrouped(packed, module, { scale: "weight.scale", hints }),
  },
];

function inferGrouped(
  packed: Tensor,
  { name, tensors }: PackedModule,
  { scale, hints }: { readonly scale: string; readonly hints: PackingHints },
): readonly number[] | null {
  const elements = countGrouped(packed, tensors.get(scale), hints);
  return elements === null ? null : inferLinearShape(name, elements, hints);
}

/** Count the weights in a packed table of groups; null where the scales disagree. */
export function countGrouped(
  packedTensor: Tensor,
  scaleTensor: Tensor | undefined,
  { bitWidths, groupSizes }: PackingHints,
): number | null {
  const packed = readMatrix(packedTensor);
  const scales = readMatrix(scaleTensor);
  if (packed === null || scales === null) return null;
  const wordBits = WORD_BITS.get(packedTensor.dtype) ?? 0;
  const widths = BIT_WIDTHS.get(packedTensor.dtype)?.filter(
    (bits) => bitWidths.size === 0 || bitWidths.has(bits),
  );
  const fills = (rows: number): boolean =>
    widths?.some((bits) => Math.ceil(rows / Math.floor(wordBits / bits)) === packed.rows) ?? false;
  if (scales.columns === 1 && fills(scales.rows)) return scales.rows * packed.columns;
  if (scales.rows !== 1 || scales.columns !== packed.columns) return null;
  const [size, ...others] = [...groupSizes].filter(fills);
  return size === undefined || others.length > 0 ? null : size * packed.columns;
}
