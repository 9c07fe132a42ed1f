import type { AuxiliaryTensors, PackingFormat } from "./packing-format.ts";
import { readLength, readMatrix } from "./shapes.ts";

/** Tensors that tools store with weights of one byte. `scale_weight`: ComfyUI; `weight_offset`, `deq_scale`: ModelSlim. */
const AUXILIARY: AuxiliaryTensors = {
  scale: `weight_scale weight_scale_inv weight_scale_2 scale_inv scale scale_weight scale_input
    input_scale output_scale activation_scale activation_scale_inv input_global_scale
    pre_quant_scale deq_scale`,
  "zero-point": "weight_offset input_offset weight_zero_point input_zero_point output_zero_point",
};

const FLOAT_DTYPES: readonly string[] = ["BF16", "F16", "F32"];

/** Scales of the weights themselves, of which there has to be one. */
const WEIGHT_SCALES: readonly string[] = [
  "weight_scale",
  "weight_scale_inv",
  "scale_inv",
  "scale",
  "scale_weight",
];

function hasWeightScale(tensors: ReadonlyMap<string, unknown>): boolean {
  return WEIGHT_SCALES.some((leaf) => tensors.has(leaf));
}

/**
 * Narrow floats have the shape of their weights, whatever the shape of their scales (deepseek-ai/DeepSeek-V3,
 * RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8); so does `F4`.
 * Sources: deepseek-ai/DeepSeek-V3, inference/model.py; huggingface/safetensors, safetensors/src/tensor.rs.
 */
export const NARROW_FLOATS: readonly PackingFormat[] = (
  [
    ["fp8", "F8_"],
    ["fp6", "F6_"],
    ["fp4", "F4"],
  ] as const
).map(([name, dtype]) => ({
  name,
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }) {
    return weight.dtype.startsWith(dtype) && hasWeightScale(tensors) ? weight.shape : null;
  },
}));

/**
 * Eight-bit integers (RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8). Some tools put two four-bit weights into
 * such a byte: then twice the inputs is a dimension of the config, and the inputs are not.
 * Source: vllm-project/compressed-tensors, src/compressed_tensors/compressors/naive_quantized/.
 */
export const INT8: PackingFormat = {
  name: "int8",
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }, { dimensions }) {
    const inputs = weight.shape.at(-1);
    if (weight.dtype !== "I8" || inputs === undefined || !hasWeightScale(tensors)) return null;
    // Twice as many scales as rows: a byte holds weights of two outputs.
    const [rows = 0] = weight.shape;
    const scales = tensors.get("weight_scale")?.shape ?? [];
    if (weight.shape.length === 2 && scales[0] === 2 * rows && (scales[1] ?? 1) === 1)
      return [2 * rows, inputs];
    return !dimensions.has(inputs) && dimensions.has(inputs * 2) ? null : weight.shape;
  },
};

/** EETQ: transposed bytes and a scale per output. Source: NetEase-FuXi/EETQ, python/eetq/modules/qlinear.py. */
export const EETQ: readonly PackingFormat[] = ["weight", "qweight"].map((leaf) => ({
  name: "eetq",
  leaf,
  auxiliary: { scale: "weight_scales" },
  inferShape(weight, { tensors }) {
    const transposed = weight.dtype === "I8" ? readMatrix(weight) : null;
    if (transposed === null) return null;
    const { rows: inputs, columns: outputs } = transposed;
    return readLength(tensors.get("weight_scales")) === outputs ? [outputs, inputs] : null;
  },
}));

/** Unpacked weights with leftover scales: checkpoints that were dequantized. */
export const SCALED: PackingFormat = {
  name: null,
  leaf: "weight",
  auxiliary: AUXILIARY,
  inferShape(weight, { tensors }) {
    const isScaled = tensors.has("weight_scale") || tensors.has("weight_scale_inv");
    return isScaled && FLOAT_DTYPES.includes(weight.dtype) ? weight.shape : null;
  },
};
