/** A model and how it is trained → the memory of a step. */
import { isUnknown, unknown, type Unknown } from "../../contract/unknown.ts";
import type { Config } from "../../format/config.ts";
import { LAYER_PATTERN, type Weight } from "../../model/weight.ts";
import { readTrainedBlock } from "./block.ts";
import { estimateTrainingPeak, type TrainingPeak } from "./peak.ts";
import type { TrainingSetup } from "./setup.ts";

interface TrainingOptions extends TrainingSetup {
  /** Tokens of a sequence, and sequences at once. */
  readonly tokens: number;
  readonly batch: number;
}

export interface TrainedModel {
  readonly config: Config;
  readonly weights: readonly Weight[];
}

/** Plan one way to train a model; unknown where its layers are not those that the estimate knows. */
export function planTraining(
  { config, weights }: TrainedModel,
  options: TrainingOptions,
): (TrainingPeak & { readonly trainedParameters: number }) | Unknown {
  const block = readTrainedBlock(config, weights);
  if (isUnknown(block)) return block;
  const { mode, rank } = options;
  const elementBytes = options.dtype === "fp32" ? 4 : 2;
  const own = weights.filter(({ role }) => role !== "mtp");
  const isLora = mode !== "full";
  const linear = own.filter(isAdapted);
  if (isLora && linear.length === 0) return unknown("no linear layer was found that an adapter changes");
  const parameters = isLora
    ? linear.reduce((sum, weight) => sum + rank * sumSides(weight), 0)
    : own.reduce((sum, weight) => sum + weight.parameters, 0);
  const bytesEach = isLora ? FLOAT_BYTES : elementBytes;
  const largest = Math.max(...(isLora ? [0] : own.map((weight) => weight.parameters)));
  const stored = own.reduce(
    (sum, weight) =>
      sum + weight.parameters * (mode === "qlora" && isAdapted(weight) ? NF4_BYTES : elementBytes),
    0,
  );
  const peak = estimateTrainingPeak({
    block,
    weightsBytes: Math.ceil(stored + (isLora ? parameters * FLOAT_BYTES : 0)),
    trained: { parameters, bytesEach, largest },
    isLora,
    elementBytes,
    optimizer: options.optimizer,
    isCheckpointed: options.checkpointing,
    tokens: options.tokens,
    batch: options.batch,
  });
  return { ...peak, trainedParameters: parameters };
}

const FLOAT_BYTES = 4;
/** Four bits, a scale of a byte per 64 weights, and one of 32 bits per 256 scales: bitsandbytes with double quantization. */
const NF4_BYTES = 1 / 2 + 1 / 64 + 4 / (64 * 256);

/** `target_modules="all-linear"` of huggingface/peft: every linear layer but the head; fused experts are not such layers. */
function isAdapted({ name, role, shape }: Weight): boolean {
  return (role === "attention" || role === "mlp") && shape.length === 2 && LAYER_PATTERN.test(name);
}

function sumSides({ shape: [outputs = 0, inputs = 0] }: Weight): number {
  return outputs + inputs;
}
