import type { AuxiliaryTensors, PackingFormat } from "./packing-format.ts";
import { countGrouped } from "./hqq.ts";
import { inferLinearShape } from "./shapes.ts";

const AUXILIARY: AuxiliaryTensors = {
  scale: "weight._scale input_scale output_scale",
  "zero-point": "weight._shift",
};

/**
 * optimum-quanto: a byte per weight in `_data`, or two or four weights per byte in the `_data` of that `_data`, one group
 * per row. Source: huggingface/optimum-quanto, optimum/quanto/tensor/weights/ and optimum/quanto/tensor/packed.py.
 */
export const QUANTO: readonly PackingFormat[] = [
  {
    name: "quanto",
    leaf: "weight._data",
    auxiliary: AUXILIARY,
    inferShape(data, { tensors }) {
      const isByte = data.dtype === "I8" || data.dtype.startsWith("F8_");
      return isByte && tensors.has("weight._scale") ? data.shape : null;
    },
  },
  {
    name: "quanto",
    leaf: "weight._data._data",
    auxiliary: AUXILIARY,
    inferShape(data, { name, tensors }, hints) {
      const elements = countGrouped(data, tensors.get("weight._scale"), hints);
      return elements === null ? null : inferLinearShape(name, elements, hints);
    },
  },
];
