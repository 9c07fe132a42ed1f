import { unknown, type Unknown } from "../contract/unknown.ts";
import { classifyArchitecture, isVocabularyMatrix, predictQuantized, readLinearLayer } from "./layers.ts";
import { buildSchemes, sumTensors, type Ecosystem, type LogicalModel, type Prediction } from "./scheme.ts";

const BITS = { int4: 4, fp16: 16 } as const;

/** Weights that share a scale of 16 bits. */
const BLOCK = 32;

/** Core ML: weight.bin of an .mlpackage (apple/coremltools, optimize.coreml.linear_quantize_weights). */
export const COREML = {
  name: "coreml",
  isSelfContained: false,
  schemes: buildSchemes(BITS, predict),
} as const satisfies Ecosystem;

function predict(model: LogicalModel, bits: 4 | 16): Prediction | Unknown {
  const { weights, config } = model;
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only Core ML files of text decoders are predicted");
  // apple/mistral-coreml: StatefulMistral7BInstructInt4 and its fp16, within their rounding.
  const facts = { errorBand: 0.02, assumptions: bits === 4 ? [`linear, blocks of ${BLOCK}`] : [] };
  if (bits === 16) {
    const tensors = weights.map(({ name, parameters }) => ({
      name,
      type: "fp16",
      weights: parameters,
      bytes: 2 * parameters,
    }));
    return { ...sumTensors(tensors), ...facts };
  }
  return predictQuantized(
    weights,
    (weight) => {
      const layer = readLinearLayer(weight, config);
      if (!layer && !isVocabularyMatrix(weight)) return null;
      const inputs = layer?.inputs ?? weight.shape[1] ?? 1;
      const rows = weight.parameters / inputs;
      return {
        type: `int4 block ${BLOCK}`,
        bytes: Math.ceil(weight.parameters / 2) + 2 * rows * Math.ceil(inputs / BLOCK),
      };
    },
    facts,
  );
}
