import type { Tensor } from "../../format/tensor.ts";
import type { Evidence } from "./evidence.ts";
import type { AuxiliaryReason, Family } from "./family.ts";
import { shapeOfLinear } from "./linear-shape.ts";
import { readMatrix } from "./shapes.ts";

/** How many weights of so many bits a stored integer holds, by dtype. */
const WEIGHTS_PER_INTEGER: ReadonlyMap<string, readonly (readonly [bits: number, weights: number])[]> =
  new Map([
    [
      "U8",
      [
        [8, 1],
        [4, 2],
        [2, 4],
        [1, 8],
      ],
    ],
    ["I32", [[3, 10]]],
  ]);

const METADATA_LEAVES = [
  "meta",
  "nbits",
  "group_size",
  "shape",
  "axis",
  "packing",
  "unpack_view_dtype",
  "view_as_float",
  "quant_scale",
  "quant_zero",
  "compute_dtype",
  "offload_meta",
  "encoded_state_dict",
  "stores_quant_config",
  "channel_wise",
  "optimize",
  "round_zero",
] as const;

/**
 * HQQ: the weight as a table of groups, one group a row (axis 1) or a column (axis 0), packed along the rows; a scale a
 * group (mobiuslabsgmbh/Llama-3.1-8b-instruct_4bitgs64_hqq_calib). The plain shape is stored, but as data.
 * Source: mobiusml/hqq, hqq/core/quantize.py.
 */
export const HQQ: Family = {
  packing: "hqq",
  leaf: "W_q",
  auxiliary: new Map<string, AuxiliaryReason>([
    ["scale", "scale"],
    ["zero", "zero-point"],
    ...METADATA_LEAVES.map((leaf) => [leaf, "metadata"] as const),
  ]),
  logicalShape(packed, { name, tensors }, evidence) {
    const elements = countGrouped(packed, tensors.get("scale"), evidence);
    return elements === null ? null : shapeOfLinear(name, elements, evidence);
  },
};

/** How many weights a packed table of groups holds, if its scales agree. */
export function countGrouped(
  packedTensor: Tensor,
  scaleTensor: Tensor | undefined,
  { bitWidths, groupSizes }: Evidence,
): number | null {
  const packed = readMatrix(packedTensor);
  const scales = readMatrix(scaleTensor);
  if (packed === null || scales === null) return null;
  const packings = WEIGHTS_PER_INTEGER.get(packedTensor.dtype)?.filter(
    ([bits]) => bitWidths.size === 0 || bitWidths.has(bits),
  );
  const fills = (rows: number): boolean =>
    packings?.some(([, weights]) => Math.ceil(rows / weights) === packed.rows) ?? false;
  if (scales.columns === 1 && fills(scales.rows)) return scales.rows * packed.columns;
  if (scales.rows !== 1 || scales.columns !== packed.columns) return null;
  const [size, ...others] = [...groupSizes].filter(fills);
  return size === undefined || others.length > 0 ? null : size * packed.columns;
}
