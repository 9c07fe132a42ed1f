import type { LinearLayer } from "./layers.ts";
import { BLOCK_ROLES } from "./layers.ts";
import { predictCheckpoint } from "./quantized-checkpoint.ts";
import type { StoredTensor } from "./safetensors-file.ts";
import type { Ecosystem } from "./scheme.ts";

/** Weights per scale, and scales per nested scale where the scales are quantized too. */
const BLOCK = 64;
const NESTED_BLOCK = 256;

/** A typical offset of the nested scales, as long as Python prints it. */
const NESTED_OFFSET = "0.03245975822210312";

/** Arrays of one linear layer (bitsandbytes-foundation/bitsandbytes, bitsandbytes/functional.py, QuantState). */
const STORES = {
  nf4: (layer, stem) => storeFourBits(layer, stem, "nf4", false),
  "nf4-dq": (layer, stem) => storeFourBits(layer, stem, "nf4", true),
  fp4: (layer, stem) => storeFourBits(layer, stem, "fp4", false),
  int8: ({ inputs, outputs }, stem) => [
    { name: `${stem}.weight`, dtype: "I8", shape: [outputs, inputs] },
    { name: `${stem}.SCB`, dtype: "F32", shape: [outputs] },
    { name: `${stem}.weight_format`, dtype: "U8", shape: [] },
  ],
} as const satisfies Record<string, (layer: LinearLayer, stem: string) => readonly StoredTensor[]>;

function storeFourBits(
  { inputs, outputs }: LinearLayer,
  stem: string,
  type: "nf4" | "fp4",
  nested: boolean,
): readonly StoredTensor[] {
  const weights = inputs * outputs;
  const blocks = Math.ceil(weights / BLOCK);
  const name = `${stem}.weight`;
  const state = buildQuantState(type, outputs, inputs, nested);
  return [
    { name, dtype: "U8", shape: [Math.ceil(weights / 2), 1] },
    { name: `${name}.absmax`, dtype: nested ? "U8" : "F32", shape: [blocks] },
    { name: `${name}.quant_map`, dtype: "F32", shape: [16] },
    { name: `${name}.quant_state.bitsandbytes__${type}`, dtype: "U8", shape: [state.length] },
    ...(nested
      ? ([
          { name: `${name}.nested_absmax`, dtype: "F32", shape: [Math.ceil(blocks / NESTED_BLOCK)] },
          { name: `${name}.nested_quant_map`, dtype: "F32", shape: [256] },
        ] as const)
      : []),
  ];
}

/** Build the JSON that bitsandbytes stores as bytes with each weight. */
function buildQuantState(type: string, outputs: number, inputs: number, nested: boolean): string {
  const plain = `"quant_type": "${type}", "blocksize": ${BLOCK}, "dtype": "bfloat16", "shape": [${outputs}, ${inputs}]`;
  return nested
    ? `{${plain}, "nested_blocksize": ${NESTED_BLOCK}, "nested_dtype": "float32", "nested_offset": ${NESTED_OFFSET}}`
    : `{${plain}}`;
}

/** bitsandbytes replaces every linear layer but the output head, also those of towers. */
const ROLES = new Set([...BLOCK_ROLES, "router", "vision", "audio", "other"] as const);

/** bitsandbytes, as transformers saves a model loaded in 4 or 8 bits. */
export const BITSANDBYTES = {
  name: "bnb",
  isSelfContained: false,
  schemes: Object.entries(STORES).map(([name, store]) => ({
    name,
    predict: (model, options) =>
      predictCheckpoint(
        model,
        {
          // Stacked experts are not linear layers to transformers, and stay unquantized: openai/gpt-oss-20b.
          store: (layer, stem) => (layer.matrices === 1 ? store(layer, stem) : null),
          unquantizedDtype: "BF16",
          roles: ROLES,
          // 32 bytes off on an NF4 Orpheus-3B; llm_int8_skip_modules of a publisher can change much more.
          errorBand: 0.001,
          assumptions: ["only embeddings and the output head are skipped"],
        },
        options,
      ),
  })),
} as const satisfies Ecosystem;
