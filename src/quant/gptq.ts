import { listHeadChoices } from "./layers.ts";
import { isOf2023 } from "./model-age.ts";
import { predictCheckpoint, shapeOfMatrices, type CheckpointRule } from "./quantized-checkpoint.ts";
import { buildSchemes, type Choice, type Ecosystem, type LogicalModel } from "./scheme.ts";

interface Mode {
  readonly bits: number;
  /** Inputs per scale; Infinity is one scale per output. */
  readonly group: number;
}

const GROUPS = { g128: 128, g64: 64, g32: 32, channel: Infinity } as const;

const MODES: Readonly<Record<string, Mode>> = Object.fromEntries(
  [4, 8, 3, 2].flatMap((bits) =>
    Object.entries(GROUPS).map(([name, group]) => [`${bits}bit-${name}`, { bits, group }]),
  ),
);

/** GPTQ as AutoGPTQ and GPTQModel pack it (ModelCloud/GPTQModel, gptqmodel/nn_modules/qlinear): weights share words along the inputs. */
export const GPTQ = {
  name: "gptq",
  isSelfContained: false,
  schemes: buildSchemes(
    MODES,
    (model, mode, options) =>
      predictCheckpoint(model, buildRule(mode), { zeroBiases: isOf2023(model), ...options }),
    (model) => [buildBiasChoice(model), ...listHeadChoices(model, false)],
  ),
} as const satisfies Ecosystem;

/** AutoGPTQ until 0.7 stored a bias of zeros for every layer: TheBloke/MythoMax-L2-13B-GPTQ. */
function buildBiasChoice(model: LogicalModel): Choice {
  return isOf2023(model)
    ? { because: "no biases of zeros (GPTQModel)", options: { zeroBiases: false } }
    : { because: "biases of zeros (AutoGPTQ until 0.7)", options: { zeroBiases: true } };
}

function buildRule({ bits, group }: Mode): CheckpointRule {
  return {
    type: `int${bits} ${group === Infinity ? "per channel" : `g${group}`}`,
    store(layer) {
      const { inputs, outputs, matrices } = layer;
      const groups = Math.max(1, Math.ceil(inputs / group));
      return [
        ["qweight", "I32", shapeOfMatrices(layer, (inputs * bits) / 32, outputs)],
        ["qzeros", "I32", shapeOfMatrices(layer, groups, (outputs * bits) / 32)],
        ["scales", "F16", shapeOfMatrices(layer, groups, outputs)],
        ["g_idx", "I32", [matrices * inputs]],
      ];
    },
    refuse: ({ name, inputs, outputs }) =>
      inputs % 32 === 0 && outputs % 32 === 0
        ? null
        : `${name} is ${outputs} × ${inputs}: GPTQ packs whole words of 32 weights`,
    unquantizedDtype: "F16",
    decodersOnly: true,
    errorBand: 0.0001, // 120 bytes off on TheBloke/MythoMax-L2-13B-GPTQ.
    assumptions: ["embeddings, norms and the output head stay in 16 bits"],
  };
}
