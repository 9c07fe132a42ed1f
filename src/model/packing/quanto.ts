import type { Family } from "./family.ts";
import { countGrouped } from "./hqq.ts";
import { shapeOfLinear } from "./linear-shape.ts";

const AUXILIARY = new Map([
  ["weight._scale", "scale"],
  ["weight._shift", "zero-point"],
  ["input_scale", "scale"],
  ["output_scale", "scale"],
] as const);

/**
 * optimum-quanto: a byte a weight in `_data`, or two and four weights a byte in the `_data` of that `_data`, one group
 * a row. Source: huggingface/optimum-quanto, optimum/quanto/tensor/weights/ and optimum/quanto/tensor/packed.py.
 */
export const QUANTO: readonly Family[] = [
  {
    packing: "quanto",
    leaf: "weight._data",
    auxiliary: AUXILIARY,
    logicalShape(data, { tensors }) {
      const isByte = data.dtype === "I8" || data.dtype.startsWith("F8_");
      return isByte && tensors.has("weight._scale") ? data.shape : null;
    },
  },
  {
    packing: "quanto",
    leaf: "weight._data._data",
    auxiliary: AUXILIARY,
    logicalShape(data, { name, tensors }, evidence) {
      const elements = countGrouped(data, tensors.get("weight._scale"), evidence);
      return elements === null ? null : shapeOfLinear(name, elements, evidence);
    },
  },
];
