import type { AuxiliaryTensors, PackingFormat } from "./packing-format.ts";
import { fitsGroups, isSameShape, readLength, readMatrices, readMatrix } from "./shapes.ts";

const AUXILIARY: AuxiliaryTensors = {
  scale: "weight_scale weight_scale_2 input_scale output_scale pre_quant_scale",
  "zero-point": "weight_zero_point input_zero_point",
};

/**
 * ModelOpt's INT4 AWQ: two outputs per byte [out / 2, in], scales [out, in / group].
 * Source: NVIDIA/Model-Optimizer, modelopt/torch/export/quant_utils.py, pack_int4_in_uint8.
 */
export const MODELOPT_INT4: PackingFormat = {
  name: "modelopt-int4",
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }, hints) {
    if (weight.dtype !== "U8") return null;
    const packed = readMatrices(weight);
    const scales = readMatrices(tensors.get("weight_scale"));
    if (packed === null || scales === null) return null;
    if (scales.rows !== packed.rows * 2 || !isSameShape(scales.batch, packed.batch)) return null;
    const { batch, columns: inputs } = packed;
    return fitsGroups(inputs, scales.columns, hints) ? [...batch, scales.rows, inputs] : null;
  },
};

/** Eight weights per word. */
const WEIGHTS_PER_WORD = 8;

/**
 * Quark's four-bit integers pack the outputs as AWQ does [in, out / 8], under the name of the plain weight.
 * Source: vllm-project/vllm, vllm/model_executor/layers/quantization/quark/.
 */
export const QUARK_INT4: PackingFormat = {
  name: "quark-int4",
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }, hints) {
    if (weight.dtype !== "I32") return null;
    const packed = readMatrix(weight);
    const scales = readMatrix(tensors.get("weight_scale"));
    if (packed === null || scales?.columns !== packed.columns * WEIGHTS_PER_WORD) return null;
    return fitsGroups(packed.rows, scales.rows, hints) ? [scales.columns, packed.rows] : null;
  },
};

/** Four ternary weights per byte. */
const TERNARY_PER_BYTE = 4;

/**
 * BitNet: ternary weights packed along the outputs [out / 4, in] with a single scale
 * (microsoft/bitnet-b1.58-2B-4T). Source: huggingface/transformers, src/transformers/integrations/bitnet.py.
 */
export const BITNET: PackingFormat = {
  name: "bitnet",
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }, { dimensions, method }) {
    const packed = readMatrix(weight);
    if (packed === null || weight.dtype !== "U8" || readLength(tensors.get("weight_scale")) !== 1)
      return null;
    const outputs = packed.rows * TERNARY_PER_BYTE;
    const isKnown = dimensions.size === 0 ? method === "bitnet" : dimensions.has(outputs);
    return isKnown ? [outputs, packed.columns] : null;
  },
};
