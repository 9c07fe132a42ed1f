import { BLOCK_ROLES, type LinearLayer } from "./layers.ts";
import { predictCheckpoint, type StoredArray } from "./quantized-checkpoint.ts";
import { buildSchemes, type Ecosystem } from "./scheme.ts";

/** Weights per scale, and scales per nested scale where the scales are quantized too. */
const BLOCK = 64;
const NESTED_BLOCK = 256;

/** A typical offset of the nested scales, as long as Python prints it. */
const NESTED_OFFSET = "0.03245975822210312";

/** Arrays of one linear layer (bitsandbytes-foundation/bitsandbytes, bitsandbytes/functional.py, QuantState). */
const STORES: Readonly<Record<string, (layer: LinearLayer) => readonly StoredArray[]>> = {
  nf4: (layer) => storeFourBits(layer, "nf4", false),
  "nf4-dq": (layer) => storeFourBits(layer, "nf4", true),
  fp4: (layer) => storeFourBits(layer, "fp4", false),
  int8: ({ inputs, outputs }) => [
    ["weight", "I8", [outputs, inputs]],
    ["SCB", "F32", [outputs]],
    ["weight_format", "U8", []],
  ],
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
  schemes: buildSchemes(STORES, (model, store, options) =>
    predictCheckpoint(
      model,
      {
        // Bare parameters are not linear layers to transformers, and stay unquantized: the experts of openai/gpt-oss-20b.
        store: (layer) => (layer.matrices === 1 ? store(layer) : null),
        // Modules of a model's own code: `moe.gate_proj` of stepfun-ai/Step-3.5-Flash.
        refuse: ({ name, matrices }) =>
          matrices > 1 && name.endsWith(".weight")
            ? `${name} stacks ${matrices} experts in one module; whether bitsandbytes quantizes it is unknown`
            : null,
        unquantizedDtype: "BF16",
        roles: ROLES,
        // 32 bytes off on an NF4 Orpheus-3B; llm_int8_skip_modules of a publisher can change much more.
        errorBand: 0.001,
        assumptions: ["only embeddings and the output head are skipped"],
      },
      options,
    ),
  ),
} as const satisfies Ecosystem;
