import { unknown, type Unknown } from "../contract/unknown.ts";
import {
  classifyArchitecture,
  isVocabularyMatrix,
  predictQuantized,
  readLinearLayer,
  withoutMtp,
  withSeparateHead,
} from "./layers.ts";
import {
  buildSchemes,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

/** Weights that share a scale of 32 bits. */
const GROUP = 32;
const SCALE_BYTES = 4;

/** ExecuTorch for XNNPACK: 4-bit weights, 8-bit activations (pytorch/executorch, examples/models/llama, `-qmode 8da4w`). */
export const EXECUTORCH = {
  name: "executorch",
  isSelfContained: false,
  schemes: buildSchemes({ "8da4w": GROUP }, predict),
} as const satisfies Ecosystem;

function predict(
  model: LogicalModel,
  group: number,
  { groupSize = group, separateHead = true }: SchemeOptions,
): Prediction | Unknown {
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only ExecuTorch files of text decoders are predicted");
  return predictQuantized(
    withSeparateHead(withoutMtp(model.weights), separateHead),
    (weight) => {
      const { parameters, shape } = weight;
      const layer = readLinearLayer(weight, model.config);
      if (layer) {
        const groups = (parameters / layer.inputs) * Math.ceil(layer.inputs / groupSize);
        return { type: `int4 g${groupSize}`, bytes: Math.ceil(parameters / 2) + SCALE_BYTES * groups };
      }
      if (!isVocabularyMatrix(weight)) return null;
      return { type: "int8", bytes: parameters + SCALE_BYTES * (shape[0] ?? 0) };
    },
    {
      // executorch-community/Llama-3.2-1B-Instruct-SpinQuant_INT4_EO8-ET is 0.6 % larger, within its rounding.
      errorBand: 0.02,
      assumptions: [`groups of ${groupSize}`, "embedding and head in 8 bits, each stored"],
    },
  );
}
