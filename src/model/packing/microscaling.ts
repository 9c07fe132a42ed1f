import type { PackingFormat } from "./packing-format.ts";
import { isSameShape, readMatrices } from "./shapes.ts";

interface Format {
  readonly name: string;
  readonly bits: number;
  /** Weights per scale. */
  readonly group: number;
  readonly scaleDtypes: readonly string[];
}

/** The OCP Microscaling formats and NVIDIA's, whose groups are fixed: the scales alone give the number of weights. */
const FORMATS: readonly Format[] = [
  { name: "nvfp4", bits: 4, group: 16, scaleDtypes: ["F8_E4M3"] },
  // W4A8 of ModelOpt.
  { name: "nvfp4", bits: 4, group: 32, scaleDtypes: ["F8_E4M3"] },
  { name: "mxfp4", bits: 4, group: 32, scaleDtypes: ["U8", "F8_E8M0"] },
  { name: "mxfp6", bits: 6, group: 32, scaleDtypes: ["U8", "F8_E8M0"] },
  // FP-Quant writes its E4M3 scales as plain bytes.
  { name: "nvfp4", bits: 4, group: 16, scaleDtypes: ["U8"] },
];

/** Names that tools give the weights and their scales. */
const LEAVES = [
  // nvidia/DeepSeek-R1-FP4 (ModelOpt), amd/Llama-3.3-70B-Instruct-MXFP4-Preview (Quark).
  { leaf: "weight", scaleLeaf: "weight_scale" },
  // RedHatAI/Qwen3-32B-NVFP4, moonshotai/Kimi-K3 (compressed-tensors).
  { leaf: "weight_packed", scaleLeaf: "weight_scale" },
  // deepseek-ai/DeepSeek-V4-Pro: experts in I8.
  { leaf: "weight", scaleLeaf: "scale" },
  // ISTA-DASLab FP-Quant.
  { leaf: "qweight", scaleLeaf: "scales" },
] as const;

const AUXILIARY = {
  scale: `weight_scale_2 weight_global_scale input_scale input_global_scale act_global_scale
    pre_quant_scale`,
  metadata: "weight_shape",
  codebook: "forward_hadamard_matrix backward_hadamard_matrix",
};

/**
 * Four- and six-bit floats in bytes, packed along the inputs. Sources: vllm-project/compressed-tensors,
 * src/compressed_tensors/compressors/nvfp4/; NVIDIA/Model-Optimizer, modelopt/torch/export/quant_utils.py;
 * vllm-project/vllm, vllm/model_executor/layers/quantization/quark/; IST-DASLab/FP-Quant, inference_lib/.
 */
export const MICROSCALING: readonly PackingFormat[] = LEAVES.flatMap(({ leaf, scaleLeaf }) =>
  FORMATS.map(({ name, bits, group, scaleDtypes }) => ({
    name,
    leaf,
    auxiliary: { ...AUXILIARY, scale: `${scaleLeaf} ${AUXILIARY.scale}` },
    inferShape(weight, { tensors }) {
      const scale = tensors.get(scaleLeaf);
      if (weight.dtype !== "U8" && weight.dtype !== "I8") return null;
      if (scale === undefined || !scaleDtypes.includes(scale.dtype)) return null;
      const packed = readMatrices(weight);
      const scales = readMatrices(scale);
      if (packed === null || scales === null) return null;
      if (scales.rows !== packed.rows || !isSameShape(scales.batch, packed.batch)) return null;
      const inputs = scales.columns * group;
      return inputs * bits === packed.columns * 8 ? [...packed.batch, packed.rows, inputs] : null;
    },
  })),
);
