import { unknown, type Unknown } from "../contract/unknown.ts";
import type { LinearLayer } from "./layers.ts";
import { predictCheckpoint, rowsOf, type StoredArray } from "./quantized-checkpoint.ts";
import {
  buildSchemes,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Mode {
  readonly type: string;
  store(layer: LinearLayer): readonly StoredArray[];
}

const INT4_GROUP = 128;
const MX_GROUP = 32;
const NVFP4_GROUP = 16;

/** pytorch/ao, torchao/quantization: a weight is its data and its scales. */
const MODES: Readonly<Record<string, Mode>> = {
  int4: {
    type: `int4 g${INT4_GROUP}`,
    store: (layer) => [
      ["weight_qdata", "U8", rowsOf(layer, layer.inputs / 2)],
      ["weight_scale", "BF16", rowsOf(layer, layer.inputs / INT4_GROUP)],
      ["weight_zero_point", "BF16", rowsOf(layer, layer.inputs / INT4_GROUP)],
    ],
  },
  int8: buildRowwiseMode("I8"),
  fp8: buildRowwiseMode("F8_E4M3"),
  mxfp8: {
    type: "mxfp8",
    store: (layer) => [
      ["weight_qdata", "F8_E4M3", rowsOf(layer, layer.inputs)],
      ["weight_scale", "U8", rowsOf(layer, layer.inputs / MX_GROUP)],
    ],
  },
  nvfp4: {
    type: "nvfp4",
    store: (layer) => [
      ["weight_qdata", "U8", rowsOf(layer, layer.inputs / 2)],
      ["weight_scale", "F8_E4M3", rowsOf(layer, layer.inputs / NVFP4_GROUP)],
      ["weight_per_tensor_scale", "F32", []],
    ],
  },
};

function buildRowwiseMode(dtype: "I8" | "F8_E4M3"): Mode {
  return {
    type: dtype,
    store: (layer) => [
      ["weight_qdata", dtype, rowsOf(layer, layer.inputs)],
      ["weight_scale", "F32", rowsOf(layer, 1)],
    ],
  };
}

/** torchao, as in pytorch/Qwen3-8B-INT4 and -FP8. */
export const TORCHAO = {
  name: "torchao",
  isSelfContained: false,
  schemes: [
    ...buildSchemes(MODES, predict),
    {
      name: "int8-int4",
      // pytorch/Phi-4-mini-instruct-INT8-INT4.
      predict: () =>
        unknown(
          "torchao stores INT8-INT4 packed or one byte per weight, depending on its version and target",
        ),
    },
  ],
} as const satisfies Ecosystem;

function predict(model: LogicalModel, { type, store }: Mode, options: SchemeOptions): Prediction | Unknown {
  return predictCheckpoint(
    model,
    {
      type,
      store,
      unquantizedDtype: "BF16",
      decodersOnly: true,
      errorBand: 0.005, // Llama-3.1-8B at fp8, int8, mxfp8 and nvfp4, within their rounding.
      assumptions: ["embeddings and the output head stay in 16 bits"],
    },
    options,
  );
}
