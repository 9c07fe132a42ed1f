import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { classifyArchitecture, listHeadChoices } from "./layers.ts";
import { predictOnnx } from "./onnx.ts";
import {
  buildSchemes,
  type Ecosystem,
  type LogicalModel,
  type Prediction,
  type SchemeOptions,
} from "./scheme.ts";

/** Graphs for processors have floats of 32 bits, those for GPUs of 16. */
const MODES = { "cpu-int4": "q4", "gpu-int4": "q4f16" } as const;

/** ONNX for onnxruntime-genai, Foundry Local and Olive: cpu-int4-rtn-block-32 of microsoft/Phi-3-mini-4k-instruct-onnx. */
export const GENAI = {
  name: "genai",
  isSelfContained: false,
  schemes: buildSchemes(MODES, predict, (model) => [
    // directml-int4-awq-block-128 of the same repository.
    { because: "blocks of 128", options: { groupSize: 128 } },
    // microsoft/onnxruntime-genai shares tied embeddings since 2026-07-27 (#2312).
    ...listHeadChoices(model, true),
  ]),
} as const satisfies Ecosystem;

/** The tool quantizes as that of transformers.js does, with the head again where it is tied. */
function predict(
  model: LogicalModel,
  mode: (typeof MODES)[keyof typeof MODES],
  options: SchemeOptions,
): Prediction | Unknown {
  if (classifyArchitecture(model) !== "decoder")
    return unknown("only onnxruntime-genai files of text decoders are predicted");
  const prediction = predictOnnx(model, mode, { separateHead: true, ...options });
  if (isUnknown(prediction)) return prediction;
  const { files: _, ...sizes } = prediction;
  return sizes;
}
