import { isModelType } from "../model/architectures.ts";
import type { LinearLayer } from "./layers.ts";
import { predictCheckpoint, shapeOfMatrices, type StoredArray } from "./quantized-checkpoint.ts";
import { buildSchemes, type Ecosystem } from "./scheme.ts";

/** Side of the square blocks that share a scale in FP8_BLOCK, which is DeepSeek-V3's own layout. */
const FP8_BLOCK = 128;
/** Weights per scale in the preset W4A16. */
const W4A16_GROUP = 128;
const NVFP4_GROUP = 16;
const MXFP4_GROUP = 32;

/**
 * Arrays of one linear layer in each preset of llm-compressor (vllm-project/compressed-tensors,
 * src/compressed_tensors/compressors and quantization/quant_scheme.py). Dynamic scales of activations are not stored;
 * NVFP4 stores one static scale for them.
 */
const STORES: Readonly<Record<string, (layer: LinearLayer) => readonly StoredArray[]>> = {
  w4a16: (layer) => [
    ["weight_packed", "I32", rowsOf(layer, layer.inputs / 8)],
    ["weight_scale", "BF16", rowsOf(layer, layer.inputs / W4A16_GROUP)],
    ["weight_shape", "I64", [2]],
  ],
  "w8a8-int8": (layer) => [
    ["weight", "I8", rowsOf(layer, layer.inputs)],
    ["weight_scale", "BF16", rowsOf(layer, 1)],
  ],
  "w8a8-fp8": (layer) => [
    ["weight", "F8_E4M3", rowsOf(layer, layer.inputs)],
    ["weight_scale", "BF16", rowsOf(layer, 1)],
  ],
  "fp8-block": (layer) => [
    ["weight", "F8_E4M3", rowsOf(layer, layer.inputs)],
    [
      "weight_scale",
      "BF16",
      shapeOfMatrices(layer, Math.ceil(layer.outputs / FP8_BLOCK), Math.ceil(layer.inputs / FP8_BLOCK)),
    ],
  ],
  nvfp4: (layer) => [
    ["weight_packed", "U8", rowsOf(layer, layer.inputs / 2)],
    ["weight_scale", "F8_E4M3", rowsOf(layer, layer.inputs / NVFP4_GROUP)],
    ["weight_global_scale", "F32", [layer.matrices]],
    ["input_global_scale", "F32", [layer.matrices]],
  ],
  mxfp4: (layer) => [
    ["weight_packed", "U8", rowsOf(layer, layer.inputs / 2)],
    ["weight_scale", "U8", rowsOf(layer, layer.inputs / MXFP4_GROUP)],
  ],
};

function rowsOf(layer: LinearLayer, columns: number): readonly number[] {
  return shapeOfMatrices(layer, layer.outputs, Math.ceil(columns));
}

/** compressed-tensors, the format of llm-compressor and vLLM. */
export const COMPRESSED_TENSORS = {
  name: "ct",
  isSelfContained: false,
  schemes: buildSchemes(STORES, (model, store, options) => {
    // OpenAI trained gpt-oss with experts in MXFP4 and everything else in BF16.
    const expertsOnly = store === STORES["mxfp4"] && isModelType(model.config, "gpt_oss");
    return predictCheckpoint(
      model,
      {
        store,
        unquantizedDtype: "BF16",
        ...(expertsOnly ? { roles: new Set(["experts"]) } : {}),
        errorBand: 0.0005, // Byte-exact on an NVFP4 Qwen3-1.7B; 0.0003 % on openai/gpt-oss-20b.
        assumptions: [
          expertsOnly
            ? "only the experts are quantized"
            : "embeddings, routers and the output head stay in 16 bits",
        ],
      },
      options,
    );
  }),
} as const satisfies Ecosystem;
