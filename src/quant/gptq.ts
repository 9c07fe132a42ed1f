import { predictCheckpoint, shapeOfMatrices } from "./quantized-checkpoint.ts";
import type { Ecosystem, Scheme } from "./scheme.ts";

const BITS = [4, 8, 3, 2] as const;

/** Inputs per scale; null is one scale per output. */
const GROUPS = [128, 64, 32, null] as const;

/** GPTQ as AutoGPTQ and GPTQModel pack it (ModelCloud/GPTQModel, gptqmodel/nn_modules/qlinear): weights share words along the inputs. */
export const GPTQ = {
  name: "gptq",
  isSelfContained: false,
  schemes: BITS.flatMap((bits) => GROUPS.map((group) => buildScheme(bits, group))),
} as const satisfies Ecosystem;

function buildScheme(bits: number, group: number | null): Scheme {
  return {
    name: `${bits}bit-${group === null ? "channel" : `g${group}`}`,
    predict: (model, options) =>
      predictCheckpoint(
        model,
        {
          store(layer, stem) {
            const { inputs, outputs } = layer;
            const groups = group === null ? 1 : Math.ceil(inputs / group);
            return [
              {
                name: `${stem}.qweight`,
                dtype: "I32",
                shape: shapeOfMatrices(layer, (inputs * bits) / 32, outputs),
              },
              {
                name: `${stem}.qzeros`,
                dtype: "I32",
                shape: shapeOfMatrices(layer, groups, (outputs * bits) / 32),
              },
              { name: `${stem}.scales`, dtype: "F16", shape: shapeOfMatrices(layer, groups, outputs) },
              { name: `${stem}.g_idx`, dtype: "I32", shape: [layer.matrices * inputs] },
            ];
          },
          refuse: ({ name, inputs, outputs }) =>
            inputs % 32 === 0 && outputs % 32 === 0
              ? null
              : `${name} is ${outputs} × ${inputs}: GPTQ packs whole words of 32 weights`,
          unquantizedDtype: "F16",
          decodersOnly: true,
          // TheBloke/MythoMax-L2-13B-GPTQ is 0.06 % larger: AutoGPTQ before 0.8 stored a bias of zeros for every layer.
          errorBand: 0.001,
          assumptions: ["embeddings, norms and the output head stay in 16 bits", "no biases of zeros"],
        },
        options,
      ),
  };
}
