import { isModelType } from "../model/architectures.ts";
import type { Unknown } from "../contract/unknown.ts";
import { readCount, type Config } from "../format/config.ts";
import { listHeadChoices, type LinearLayer } from "./layers.ts";
import { predictCheckpoint, rowsOf, shapeOfMatrices, type StoredArray } from "./quantized-checkpoint.ts";
import {
  buildSchemes,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

type Store = (layer: LinearLayer) => readonly StoredArray[];

interface Mode {
  readonly type: string;
  readonly store: Store;
  /** With one scale per layer, and one for its activations. */
  readonly storePerTensor?: Store;
}

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
const MODES: Readonly<Record<string, Mode>> = {
  w4a16: {
    type: `int4 g${W4A16_GROUP}`,
    store: (layer) => [
      ["weight_packed", "I32", rowsOf(layer, layer.inputs / 8)],
      ["weight_scale", "BF16", rowsOf(layer, layer.inputs / W4A16_GROUP)],
      ["weight_shape", "I64", [2]],
    ],
  },
  "w8a8-int8": buildEightBitMode("I8"),
  "w8a8-fp8": buildEightBitMode("F8_E4M3"),
  "fp8-block": {
    type: "F8_E4M3",
    store: (layer) => [
      ["weight", "F8_E4M3", rowsOf(layer, layer.inputs)],
      [
        "weight_scale",
        "BF16",
        shapeOfMatrices(layer, Math.ceil(layer.outputs / FP8_BLOCK), Math.ceil(layer.inputs / FP8_BLOCK)),
      ],
    ],
  },
  nvfp4: {
    type: "nvfp4",
    store: (layer) => [
      ["weight_packed", "U8", rowsOf(layer, layer.inputs / 2)],
      ["weight_scale", "F8_E4M3", rowsOf(layer, layer.inputs / NVFP4_GROUP)],
      ["weight_global_scale", "F32", [layer.matrices]],
      ["input_global_scale", "F32", [layer.matrices]],
    ],
  },
  mxfp4: {
    type: "mxfp4",
    store: (layer) => [
      ["weight_packed", "U8", rowsOf(layer, layer.inputs / 2)],
      ["weight_scale", "U8", rowsOf(layer, layer.inputs / MXFP4_GROUP)],
    ],
  },
};

function buildEightBitMode(dtype: "I8" | "F8_E4M3"): Mode {
  return {
    type: dtype,
    store: (layer) => [
      ["weight", dtype, rowsOf(layer, layer.inputs)],
      ["weight_scale", "BF16", rowsOf(layer, 1)],
    ],
    storePerTensor: (layer) => [
      ["weight", dtype, rowsOf(layer, layer.inputs)],
      ["weight_scale", "BF16", [layer.matrices]],
      ["input_scale", "BF16", [layer.matrices]],
    ],
  };
}

/** compressed-tensors, the format of llm-compressor and vLLM. */
export const COMPRESSED_TENSORS = {
  name: "ct",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict, (model, { storePerTensor }) => [
    ...listHeadChoices(model, true),
    // nm-testing/TinyLlama-1.1B-Chat-v1.0-W8A8_tensor_weight_static_per_tensor_act-e2e.
    ...(storePerTensor
      ? [{ because: "one scale per tensor, static activations", options: { perChannel: false } }]
      : []),
    // Since 2026-07-30 (#2951) for configs with these keys: Qwen3.5.
    ...(hasMtpKeys(model.config)
      ? [{ because: "multi-token prediction layers kept", options: { mtp: true } }]
      : []),
  ]),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, mode: Mode, options: SchemeOptions): Prediction | Unknown {
  // OpenAI trained gpt-oss with experts in MXFP4 and everything else in BF16.
  const expertsOnly = mode === MODES["mxfp4"] && isModelType(model.config, "gpt_oss");
  return predictCheckpoint(
    model,
    {
      type: mode.type,
      store: (options.perChannel === false ? mode.storePerTensor : null) ?? mode.store,
      unquantizedDtype: "BF16",
      ...(expertsOnly ? { roles: new Set(["experts"]) } : {}),
      errorBand: 0.0001, // Byte-exact on an NVFP4 Qwen3-1.7B; 0.0003 % on openai/gpt-oss-20b.
      assumptions: [
        expertsOnly
          ? "only the experts are quantized"
          : "embeddings, routers and the output head stay in 16 bits",
      ],
    },
    // From 2024-10-11 (#839) to 2026-06-16 (#2798) llm-compressor stored a tied head again: the 2.02 GB of
    // neuralmagic/Llama-3.2-1B-Instruct-FP8.
    { separateHead: true, ...options },
  );
}

function hasMtpKeys(config: Config | null): boolean {
  return config !== null && readCount(config.text, "num_mtp_layers", "mtp_num_hidden_layers") !== null;
}
