import { isModelType } from "../model/architectures.ts";
import type { LinearLayer } from "./layers.ts";
import { predictCheckpoint, shapeOfMatrices, type CheckpointRule } from "./quantized-checkpoint.ts";
import type { StoredTensor } from "./safetensors-file.ts";
import type { Ecosystem } from "./scheme.ts";

type Store = (layer: LinearLayer, stem: string) => readonly StoredTensor[];

/** Side of the square blocks that share a scale in FP8_BLOCK, which is DeepSeek-V3's own layout. */
const FP8_BLOCK = 128;
/** Weights that share a scale in the preset W4A16. */
const W4A16_GROUP = 128;
const NVFP4_GROUP = 16;
const MXFP4_GROUP = 32;

/**
 * Arrays of one linear layer in each preset of llm-compressor (vllm-project/compressed-tensors,
 * src/compressed_tensors/compressors and quantization/quant_scheme.py). Dynamic scales of activations
 * are not stored; NVFP4 stores one static scale for them.
 */
const STORES = {
  w4a16: (layer, stem) => [
    { name: `${stem}.weight_packed`, dtype: "I32", shape: rows(layer, Math.ceil(layer.inputs / 8)) },
    {
      name: `${stem}.weight_scale`,
      dtype: "BF16",
      shape: rows(layer, Math.ceil(layer.inputs / W4A16_GROUP)),
    },
    { name: `${stem}.weight_shape`, dtype: "I64", shape: [2] },
  ],
  "w8a8-int8": (layer, stem) => [
    { name: `${stem}.weight`, dtype: "I8", shape: rows(layer, layer.inputs) },
    { name: `${stem}.weight_scale`, dtype: "BF16", shape: rows(layer, 1) },
  ],
  "w8a8-fp8": (layer, stem) => [
    { name: `${stem}.weight`, dtype: "F8_E4M3", shape: rows(layer, layer.inputs) },
    { name: `${stem}.weight_scale`, dtype: "BF16", shape: rows(layer, 1) },
  ],
  "fp8-block": (layer, stem) => [
    { name: `${stem}.weight`, dtype: "F8_E4M3", shape: rows(layer, layer.inputs) },
    {
      name: `${stem}.weight_scale`,
      dtype: "BF16",
      shape: shapeOfMatrices(
        layer,
        Math.ceil(layer.outputs / FP8_BLOCK),
        Math.ceil(layer.inputs / FP8_BLOCK),
      ),
    },
  ],
  nvfp4: (layer, stem) => [
    { name: `${stem}.weight_packed`, dtype: "U8", shape: rows(layer, Math.ceil(layer.inputs / 2)) },
    {
      name: `${stem}.weight_scale`,
      dtype: "F8_E4M3",
      shape: rows(layer, Math.ceil(layer.inputs / NVFP4_GROUP)),
    },
    { name: `${stem}.weight_global_scale`, dtype: "F32", shape: [layer.matrices] },
    { name: `${stem}.input_global_scale`, dtype: "F32", shape: [layer.matrices] },
  ],
  mxfp4: (layer, stem) => [
    { name: `${stem}.weight_packed`, dtype: "U8", shape: rows(layer, Math.ceil(layer.inputs / 2)) },
    { name: `${stem}.weight_scale`, dtype: "U8", shape: rows(layer, Math.ceil(layer.inputs / MXFP4_GROUP)) },
  ],
} as const satisfies Record<string, Store>;

function rows(layer: LinearLayer, columns: number): readonly number[] {
  return shapeOfMatrices(layer, layer.outputs, columns);
}

/** compressed-tensors, the format of llm-compressor and vLLM. */
export const COMPRESSED_TENSORS = {
  name: "ct",
  isSelfContained: false,
  schemes: Object.entries(STORES).map(([name, store]) => ({
    name,
    predict(model, options) {
      // OpenAI trained gpt-oss with experts in MXFP4 and everything else in BF16.
      const expertsOnly = name === "mxfp4" && isModelType(model.config, "gpt_oss");
      const rule: CheckpointRule = {
        store,
        unquantizedDtype: "BF16",
        ...(expertsOnly ? { roles: new Set(["experts"]) } : {}),
        errorBand: 0.0005, // Byte-exact on an NVFP4 Qwen3-1.7B; 0.0003 % on openai/gpt-oss-20b.
        assumptions: [
          expertsOnly
            ? "only the experts are quantized"
            : "embeddings, routers and the output head stay in 16 bits",
        ],
      };
      return predictCheckpoint(model, rule, options);
    },
  })),
} as const satisfies Ecosystem;
