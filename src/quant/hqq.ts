import { unknown, type Unknown } from "../contract/unknown.ts";
import { classifyArchitecture, predictQuantized, readLinearLayer, withoutMtp } from "./layers.ts";
import { buildSchemes, type Ecosystem, type LogicalModel, type Prediction } from "./scheme.ts";

interface Mode {
  /** Bits per weight as packed: ten 3-bit weights fill a word of 32. */
  readonly bits: number;
  readonly group: number;
}

const MODES: Readonly<Record<string, Mode>> = Object.fromEntries(
  [4, 2, 3, 8].flatMap((bits) =>
    [64, 128].map((group) => [`${bits}bit-g${group}`, { bits: bits === 3 ? 3.2 : bits, group }]),
  ),
);

/** A scale and a zero point, each in 16 bits. */
const GROUP_BYTES = 4;

/** The shape and settings of a layer in the pickle: mobiuslabsgmbh/Llama-3-8b-instruct_2bitgs64_hqq. */
const LAYER_BYTES = 1_078;

/** HQQ (mobiusml/hqq): the layers of the blocks; embedding, head and norms stay in 16 bits. */
export const HQQ = {
  name: "hqq",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, { bits, group }: Mode): Prediction | Unknown {
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only HQQ files of text decoders are predicted");
  return predictQuantized(
    withoutMtp(model.weights),
    (weight) => {
      const { parameters } = weight;
      if (!readLinearLayer(weight, model.config) || parameters % group !== 0) return null;
      const groupBytes = (parameters / group) * GROUP_BYTES;
      return {
        type: `${bits} bits, groups of ${group}`,
        bytes: Math.ceil((parameters * bits) / 8) + groupBytes + LAYER_BYTES,
      };
    },
    {
      errorBand: 0.005, // To the byte on that file; later ones are safetensors with other headers.
      assumptions: ["embedding and output head stay in 16 bits"],
    },
  );
}
