import { unknown, type Unknown } from "../contract/unknown.ts";
import { isObject, type Config } from "../format/config.ts";
import { BLOCK_ROLES, type LinearLayer } from "./layers.ts";
import { predictCheckpoint, type StoredArray } from "./quantized-checkpoint.ts";
import {
  buildSchemes,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

/** Weights per scale, and scales per nested scale where the scales are quantized too. */
const BLOCK = 64;
const NESTED_BLOCK = 256;

/** A typical offset of the nested scales, as long as Python prints it. */
const NESTED_OFFSET = "0.03245975822210312";

interface Mode {
  readonly type: string;
  store(layer: LinearLayer): readonly StoredArray[];
  /** True where the publisher chose the layers that stay in 16 bits, which config.json of the file lists. */
  readonly isDynamic?: boolean;
}

const DOUBLE_QUANTIZED: Mode = { type: "nf4", store: (layer) => storeFourBits(layer, "nf4", true) };

/** Arrays of one linear layer (bitsandbytes-foundation/bitsandbytes, bitsandbytes/functional.py, QuantState). */
const MODES: Readonly<Record<string, Mode>> = {
  nf4: { type: "nf4", store: (layer) => storeFourBits(layer, "nf4", false) },
  "nf4-dq": DOUBLE_QUANTIZED,
  fp4: { type: "fp4", store: (layer) => storeFourBits(layer, "fp4", false) },
  int8: {
    type: "int8",
    store: ({ inputs, outputs }) => [
      ["weight", "I8", [outputs, inputs]],
      ["SCB", "F32", [outputs]],
      ["weight_format", "U8", []],
    ],
  },
  // unsloth/Qwen2.5-7B-Instruct-unsloth-bnb-4bit: 7.54 GB, and 5.55 without the list.
  "unsloth-4bit": { ...DOUBLE_QUANTIZED, isDynamic: true },
};

function storeFourBits(layer: LinearLayer, type: "nf4" | "fp4", nested: boolean): readonly StoredArray[] {
  const weights = layer.inputs * layer.outputs;
  const blocks = Math.ceil(weights / BLOCK);
  const state = buildQuantState(layer, type, nested);
  const nestedArrays: readonly StoredArray[] = [
    ["weight.nested_absmax", "F32", [Math.ceil(blocks / NESTED_BLOCK)]],
    ["weight.nested_quant_map", "F32", [256]],
  ];
  return [
    ["weight", "U8", [Math.ceil(weights / 2), 1]],
    ["weight.absmax", nested ? "U8" : "F32", [blocks]],
    ["weight.quant_map", "F32", [16]],
    [`weight.quant_state.bitsandbytes__${type}`, "U8", [state.length]],
    ...(nested ? nestedArrays : []),
  ];
}

/** Build the JSON that bitsandbytes stores as bytes with each weight. */
function buildQuantState({ outputs, inputs }: LinearLayer, type: string, nested: boolean): string {
  const state = `"quant_type": "${type}", "blocksize": ${BLOCK}, "dtype": "bfloat16", "shape": [${outputs}, ${inputs}]`;
  return nested
    ? `{${state}, "nested_blocksize": ${NESTED_BLOCK}, "nested_dtype": "float32", "nested_offset": ${NESTED_OFFSET}}`
    : `{${state}}`;
}

/** bitsandbytes replaces every linear layer but the output head, also those of towers. */
const ROLES = new Set([...BLOCK_ROLES, "router", "vision", "audio", "other"] as const);

/** bitsandbytes, as transformers saves a model loaded in 4 or 8 bits. */
export const BITSANDBYTES = {
  name: "bnb",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(
  model: LogicalModel,
  { type, store, isDynamic }: Mode,
  options: SchemeOptions,
): Prediction | Unknown {
  const skipped = readSkippedModules(model.config);
  if (isDynamic && skipped.length === 0)
    return unknown(
      "unsloth chose the layers that stay in 16 bits, and config.json of this model does not list them",
    );
  const isSkipped = (name: string) => skipped.some((module) => `.${name}`.includes(`.${module}.`));
  return predictCheckpoint(
    model,
    {
      type,
      // Bare parameters are not linear layers to transformers, and stay unquantized: the experts of openai/gpt-oss-20b.
      store: (layer) => (layer.matrices === 1 && !isSkipped(layer.name) ? store(layer) : null),
      // Modules of a model's own code: `moe.gate_proj` of stepfun-ai/Step-3.5-Flash.
      refuse: ({ name, matrices }) =>
        matrices > 1 && name.endsWith(".weight")
          ? `${name} stacks ${matrices} experts in one module; whether bitsandbytes quantizes it is unknown`
          : null,
      unquantizedDtype: "BF16",
      roles: ROLES,
      errorBand: 0.001, // 32 bytes off on an NF4 Orpheus-3B, whose config.json lists the attention of its first layer.
      assumptions: [
        skipped.length > 0
          ? "modules that config.json lists stay in 16 bits"
          : "only embeddings and the output head are skipped",
      ],
    },
    options,
  );
}

/** Read the modules that stay in 16 bits with all below them, from the config.json of a quantized checkpoint. */
function readSkippedModules(config: Config | null): readonly string[] {
  const settings = config?.root["quantization_config"];
  const listed = isObject(settings) ? settings["llm_int8_skip_modules"] : null;
  return Array.isArray(listed) ? listed.filter((module) => typeof module === "string" && module !== "") : [];
}
