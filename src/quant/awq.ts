import { listHeadChoices } from "./layers.ts";
import { predictCheckpoint, shapeOfMatrices, type CheckpointRule } from "./quantized-checkpoint.ts";
import { buildSchemes, type Ecosystem } from "./scheme.ts";

/** Inputs per scale. */
const GROUPS = { "4bit-g128": 128, "4bit-g64": 64, "4bit-g32": 32 } as const;

/** AWQ as AutoAWQ packs it (casper-hansen/AutoAWQ, awq/modules/linear/gemm.py): eight weights per word, along the outputs. */
export const AWQ = {
  name: "awq",
  isSelfContained: false,
  schemes: buildSchemes(
    GROUPS,
    (model, group, options) =>
      // AutoAWQ stores a tied head as its own tensor: Qwen/Qwen2.5-1.5B-Instruct-AWQ.
      predictCheckpoint(model, buildRule(group), { separateHead: true, ...options }),
    (model) => listHeadChoices(model, true),
  ),
} as const satisfies Ecosystem;

function buildRule(group: number): CheckpointRule {
  return {
    type: `int4 g${group}`,
    store: (layer) => [
      ["qweight", "I32", shapeOfMatrices(layer, layer.inputs, layer.outputs / 8)],
      ["qzeros", "I32", shapeOfMatrices(layer, layer.inputs / group, layer.outputs / 8)],
      ["scales", "F16", shapeOfMatrices(layer, layer.inputs / group, layer.outputs)],
    ],
    refuse: ({ name, inputs, outputs }) =>
      inputs % group === 0 && outputs % 8 === 0
        ? null
        : `${name} is ${outputs} × ${inputs}: AutoAWQ needs whole groups of ${group} inputs and 8 outputs`,
    unquantizedDtype: "F16",
    decodersOnly: true,
    errorBand: 0.0001, // Byte-exact on Qwen/Qwen2.5-1.5B-Instruct-AWQ and TheBloke/Llama-2-7B-AWQ.
    assumptions: ["embeddings, norms and the output head stay in 16 bits", "the gemm layout"],
  };
}
