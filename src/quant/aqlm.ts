import { predictCheckpoint, type CheckpointRule } from "./quantized-checkpoint.ts";
import { buildSchemes, type Ecosystem } from "./scheme.ts";

/** `2bit-1x16`: one codebook of 2^16 entries, each of them a group of 8 weights. */
interface Mode {
  readonly codebooks: number;
  readonly codeBits: 8 | 16;
  readonly group: number;
}

/** ISTA-DASLab/Llama-2-7b-AQLM-2Bit-1x16-hf, -2x8 and -8x8, and Llama-2-7b-AQLM-PV-1Bit-1x16-hf. */
const MODES = {
  "2bit-1x16": { codebooks: 1, codeBits: 16, group: 8 },
  "2bit-2x8": { codebooks: 2, codeBits: 8, group: 8 },
  "2bit-8x8": { codebooks: 8, codeBits: 8, group: 32 },
  "1bit-1x8": { codebooks: 1, codeBits: 8, group: 8 },
  "1bit-1x16": { codebooks: 1, codeBits: 16, group: 16 },
} as const satisfies Record<string, Mode>;

/** AQLM (Vahe1994/AQLM, inference_lib/src/aqlm/inference.py): codes, codebooks of each layer, and a scale per output. */
export const AQLM = {
  name: "aqlm",
  isSelfContained: false,
  schemes: buildSchemes(MODES, (model, mode, options) => predictCheckpoint(model, buildRule(mode), options)),
} as const satisfies Ecosystem;

function buildRule({ codebooks, codeBits, group }: Mode): CheckpointRule {
  return {
    type: `${codebooks}x${codeBits} g${group}`,
    store: ({ outputs, inputs }) => [
      ["codes", codeBits === 16 ? "I16" : "I8", [outputs, inputs / group, codebooks]],
      ["codebooks", "F16", [codebooks, 2 ** codeBits, 1, group]],
      ["scales", "F16", [outputs, 1, 1, 1]],
    ],
    refuse: ({ name, inputs, matrices }) => {
      if (matrices > 1) return `${name} stacks ${matrices} experts; AQLM is known for single layers only`;
      return inputs % group === 0
        ? null
        : `${name} has ${inputs} inputs: AQLM needs whole groups of ${group}`;
    },
    unquantizedDtype: "F16",
    decodersOnly: true,
    errorBand: 0.01, // Llama-2-7b and -70b at 2bit-1x16, published with two and three digits.
    assumptions: ["embeddings, norms and the output head stay in 16 bits"],
  };
}
