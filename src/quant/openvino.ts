import { unknown, type Unknown } from "../contract/unknown.ts";
import { modelTypes } from "../model/architectures.ts";
import {
  classifyArchitecture,
  isVocabularyMatrix,
  predictQuantized,
  readLinearLayer,
  withoutMtp,
} from "./layers.ts";
import {
  buildSchemes,
  type Choice,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

const BITS = { int8: 8, int4: 4 } as const;

/** An 8-bit row has a scale in 16 bits and a zero point in 8. */
const ROW_BYTES = 3;

/** A 4-bit group has a scale in 16 bits and, unless symmetric, a zero point in 4. */
const GROUP_BYTES = { symmetric: 2, asymmetric: 2.5 } as const;

/** The smallest group that nncf falls back to where rows are not whole groups. */
const MIN_GROUP = 32;

/** Model types with groups of 64 by default (huggingface/optimum-intel, _DEFAULT_4BIT_WQ_CONFIGS): Phi-3-mini-4k-instruct. */
const hasGroupsOf64 = modelTypes("phi phi3 stablelm gptj falcon");

/** OpenVINO as optimum-intel exports it: openvino_model.bin. */
export const OPENVINO = {
  name: "openvino",
  isSelfContained: false,
  schemes: buildSchemes(BITS, predict, listChoices),
} as const satisfies Ecosystem;

function listChoices({ config }: LogicalModel, bits: number): readonly Choice[] {
  if (bits === 8) return [];
  const groupSize = hasGroupsOf64(config) ? 128 : 64;
  return [
    { because: `groups of ${groupSize}`, options: { groupSize } },
    { because: "symmetric, without zero points", options: { symmetric: true } },
  ];
}

function predict(model: LogicalModel, bits: number, options: SchemeOptions): Prediction | Unknown {
  const kind = classifyArchitecture(model);
  if (kind !== "decoder") return unknown("only OpenVINO files of text decoders are predicted");
  const { groupSize = hasGroupsOf64(model.config) ? 64 : 128, symmetric = false } = options;
  const groupBytes = GROUP_BYTES[symmetric ? "symmetric" : "asymmetric"];
  return predictQuantized(
    withoutMtp(model.weights),
    (weight) => {
      const layer = readLinearLayer(weight, model.config);
      if (layer && bits === 4) {
        const group = findGroup(layer.inputs, groupSize);
        return group && Math.ceil(weight.parameters / 2 + (weight.parameters / group) * groupBytes);
      }
      if (!layer && !isVocabularyMatrix(weight)) return null;
      return (
        weight.parameters + ROW_BYTES * (layer ? layer.matrices * layer.outputs : (weight.shape[0] ?? 0))
      );
    },
    {
      errorBand: 0.005, // Phi-3-mini-4k-instruct at int4 and int8, within their rounding.
      assumptions:
        bits === 4
          ? [
              `groups of ${groupSize}, ${symmetric ? "symmetric" : "asymmetric"}`,
              "every layer in 4 bits, embedding and head in 8",
            ]
          : [],
    },
  );
}

/** Find the largest group up to `wanted` that divides the rows; null where there is none. */
function findGroup(inputs: number, wanted: number): number | null {
  for (let group = wanted; group >= MIN_GROUP; group /= 2) if (inputs % group === 0) return group;
  return null;
}
