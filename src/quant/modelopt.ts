import type { Unknown } from "../contract/unknown.ts";
import { BLOCK_ROLES, type LinearLayer } from "./layers.ts";
import { predictCheckpoint, rowsOf, type StoredArray } from "./quantized-checkpoint.ts";
import {
  buildSchemes,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Mode {
  readonly type: string;
  store(layer: LinearLayer): readonly StoredArray[];
}

const NVFP4_GROUP = 16;

/** NVIDIA/Model-Optimizer, modelopt/torch/export: one scale per layer, and one for its activations. */
const MODES: Readonly<Record<string, Mode>> = {
  fp8: {
    type: "F8_E4M3",
    store: (layer) => [
      ["weight", "F8_E4M3", rowsOf(layer, layer.inputs)],
      ["weight_scale", "F32", []],
      ["input_scale", "F32", []],
    ],
  },
  nvfp4: {
    type: "nvfp4",
    store: (layer) => [
      ["weight", "U8", rowsOf(layer, layer.inputs / 2)],
      ["weight_scale", "F8_E4M3", rowsOf(layer, layer.inputs / NVFP4_GROUP)],
      ["weight_scale_2", "F32", []],
      ["input_scale", "F32", []],
    ],
  },
};

/** The roles without attention, which nvidia/DeepSeek-R1-FP4 keeps in 16 bits. */
const WITHOUT_ATTENTION = new Set([...BLOCK_ROLES].filter((role) => role !== "attention"));

/** NVIDIA's own FP8 and FP4 repositories: nvidia/Llama-3.1-8B-Instruct-FP8. */
export const MODELOPT = {
  name: "modelopt",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict, listChoices),
} as const satisfies Ecosystem;

function listChoices({ weights }: LogicalModel): readonly Choice[] {
  return weights.some(({ role }) => role === "experts")
    ? [{ because: "attention in 16 bits", options: { attentionBits: 16 } }]
    : [];
}

function predict(model: LogicalModel, { type, store }: Mode, options: SchemeOptions): Prediction | Unknown {
  return predictCheckpoint(
    model,
    {
      type,
      store,
      unquantizedDtype: "BF16",
      ...(options.attentionBits === 16 && { roles: WITHOUT_ATTENTION }),
      errorBand: 0.001, // Llama-3.1-8B-Instruct-FP8, within its rounding.
      assumptions: ["embeddings, routers and the output head stay in 16 bits"],
    },
    options,
  );
}
