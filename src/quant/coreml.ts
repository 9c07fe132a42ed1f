import { unknown, type Unknown } from "../contract/unknown.ts";
import { classifyArchitecture, isVocabularyMatrix, predictQuantized, readLinearLayer } from "./layers.ts";
import {
  buildSchemes,
  sumTensors,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

/** Bits per weight; with a palette, weights are numbers of entries in a table. */
interface Mode {
  readonly bits: 2 | 4 | 6 | 8 | 16;
  readonly hasPalette: boolean;
}

const MODES = {
  int4: { bits: 4, hasPalette: false },
  fp16: { bits: 16, hasPalette: false },
  palette8: { bits: 8, hasPalette: true },
  palette6: { bits: 6, hasPalette: true },
  palette4: { bits: 4, hasPalette: true },
  palette2: { bits: 2, hasPalette: true },
} as const satisfies Record<string, Mode>;

/** Weights that share a scale of 16 bits. */
const BLOCK = 32;

/** The usual number of channels with a table of their own (OpPalettizerConfig, granularity per_grouped_channel). */
const CHANNELS = 32;

/** Core ML: weight.bin of an .mlpackage (apple/coremltools, optimize.coreml). */
export const COREML = {
  name: "coreml",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict, (_model, { hasPalette }) =>
    hasPalette ? [{ because: `a table per ${CHANNELS} channels`, options: { groupSize: CHANNELS } }] : [],
  ),
} as const satisfies Ecosystem;

function predict(
  model: LogicalModel,
  { bits, hasPalette }: Mode,
  { groupSize }: SchemeOptions,
): Prediction | Unknown {
  const { weights, config } = model;
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only Core ML files of text decoders are predicted");
  // apple/mistral-coreml: StatefulMistral7BInstructInt4 and its fp16, within their rounding.
  // No file with palettes is known.
  const assumptions = hasPalette
    ? [groupSize === undefined ? "one table per matrix" : `a table per ${groupSize} channels`]
    : bits === 4
      ? [`linear, blocks of ${BLOCK}`]
      : [];
  const facts = { errorBand: 0.02, assumptions };
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
      if (hasPalette) {
        const tables = groupSize === undefined ? 1 : Math.ceil(rows / groupSize);
        const bytes = Math.ceil((weight.parameters * bits) / 8) + tables * 2 ** bits * 2;
        return { type: `palette of ${bits} bits`, bytes };
      }
      return {
        type: `int4 block ${BLOCK}`,
        bytes: Math.ceil(weight.parameters / 2) + 2 * rows * Math.ceil(inputs / BLOCK),
      };
    },
    facts,
  );
}
