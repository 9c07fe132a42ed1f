import { predictCheckpoint, shapeOfMatrices } from "./quantized-checkpoint.ts";
import type { Ecosystem } from "./scheme.ts";

const BITS = 4;
const GROUPS = [128, 64, 32] as const;

/** AWQ as AutoAWQ packs it (casper-hansen/AutoAWQ, awq/modules/linear/gemm.py): eight weights per word, along the outputs. */
export const AWQ = {
  name: "awq",
  isSelfContained: false,
  schemes: GROUPS.map((group) => ({
    name: `${BITS}bit-g${group}`,
    predict: (model, options) =>
      predictCheckpoint(
        model,
        {
          store(layer, stem) {
            const { inputs, outputs } = layer;
            return [
              {
                name: `${stem}.qweight`,
                dtype: "I32",
                shape: shapeOfMatrices(layer, inputs, (outputs * BITS) / 32),
              },
              {
                name: `${stem}.qzeros`,
                dtype: "I32",
                shape: shapeOfMatrices(layer, inputs / group, (outputs * BITS) / 32),
              },
              {
                name: `${stem}.scales`,
                dtype: "F16",
                shape: shapeOfMatrices(layer, inputs / group, outputs),
              },
            ];
          },
          refuse: ({ name, inputs, outputs }) =>
            inputs % group === 0 && outputs % 8 === 0
              ? null
              : `${name} is ${outputs} × ${inputs}: AutoAWQ needs whole groups of ${group} inputs and 8 outputs`,
          unquantizedDtype: "F16",
          decodersOnly: true,
          errorBand: 0.0005, // Byte-exact on Qwen/Qwen2.5-1.5B-Instruct-AWQ.
          assumptions: ["embeddings, norms and the output head stay in 16 bits", "the gemm layout"],
        },
        // AutoAWQ stores a tied head as its own tensor: Qwen/Qwen2.5-1.5B-Instruct-AWQ.
        { separateHead: true, ...options },
      ),
  })),
} as const satisfies Ecosystem;
