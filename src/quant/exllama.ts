import { unknown, type Unknown } from "../contract/unknown.ts";
import {
  classifyArchitecture,
  findHead,
  predictQuantized,
  readLinearLayer,
  withoutMtp,
  withSeparateHead,
} from "./layers.ts";
import {
  buildSchemes,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

interface Format {
  /** Bits per weight that the head has beyond those of its name. */
  readonly headExtraBits: (headBits: number) => number;
  /** Bytes per input and output of a layer, which the bits of the name do not include. */
  readonly sideBytes: number;
}

/** Bits per weight that publishers choose: turboderp's and bartowski's branches. */
const BPW = [2, 2.25, 2.5, 3, 3.5, 4, 4.25, 4.5, 5, 6, 6.5, 8] as const;
const MODES: Readonly<Record<string, number>> = Object.fromEntries(
  BPW.map((bits) => [`${bits % 1 === 0 ? bits.toFixed(1) : bits}bpw`, bits]),
);

/** turboderp-org/exllamav2, exllamav2/conversion: the bits of the name include scales; a head of 6 has 6.3 and a scale per 128. */
const EXL2_FORMAT: Format = { headExtraBits: (bits) => (bits === 6 ? 0.3 + 4 / 128 : 0.03), sideBytes: 0 };

/** turboderp-org/exllamav3, exllamav3/conversion: exact bits, and two vectors of signs and scales. */
const EXL3_FORMAT: Format = { headExtraBits: () => 0, sideBytes: 2 };

export const EXL2 = buildFamily("exl2", EXL2_FORMAT);
export const EXL3 = buildFamily("exl3", EXL3_FORMAT);

function buildFamily<Name extends string>(name: Name, format: Format) {
  return {
    name,
    isSelfContained: false,
    schemes: buildSchemes(
      MODES,
      (model, bits, options) => predict(model, { bits, format }, options),
      (): readonly Choice[] => [{ because: "head in 8 bits", options: { headBits: 8 } }],
    ),
  } as const satisfies Ecosystem;
}

function predict(
  model: LogicalModel,
  { bits, format }: { readonly bits: number; readonly format: Format },
  { headBits = 6, separateHead = true }: SchemeOptions,
): Prediction | Unknown {
  if (classifyArchitecture(model) !== "decoder") return unknown("ExLlama quantizes text decoders");
  const weights = withSeparateHead(withoutMtp(model.weights), separateHead);
  const head = findHead(weights);
  return predictQuantized(
    weights,
    (weight) => {
      const layer = readLinearLayer(weight, model.config);
      if (!layer && weight !== head) return null;
      const [outputs = 0, inputs = 0] = layer ? [layer.outputs, layer.inputs] : weight.shape;
      const width = layer ? bits : headBits + format.headExtraBits(headBits);
      const sides = (layer?.matrices ?? 1) * (inputs + outputs) * format.sideBytes;
      return {
        type: `${layer ? bits : headBits} bits`,
        bytes: Math.ceil((weight.parameters * width) / 8) + sides,
      };
    },
    {
      errorBand: 0.005, // Within 0.5 % on turboderp's Llama-3-8B, TinyLlama and Llama-2-13B.
      assumptions: [`head in ${headBits} bits`, "embedding in 16 bits"],
    },
  );
}
