/** The peak of a training step, as torch's allocator counts it. */
import type { Optimizer } from "../../contract/terms.ts";
import { countLayerBytes, countNormBytes, countPassingBytes } from "./activations.ts";
import type { TrainedBlock } from "./block.ts";

export interface TrainingRun {
  readonly block: TrainedBlock;
  /** All weights in memory, adapters included. */
  readonly weightsBytes: number;
  /** Parameters that are trained, and bytes of each: adapters are in 32 bits. */
  readonly trained: {
    readonly parameters: number;
    readonly bytesEach: 2 | 4;
    /** The parameters of the largest weight. */
    readonly largest: number;
  };
  readonly isLora: boolean;
  readonly elementBytes: 2 | 4;
  readonly optimizer: Optimizer;
  readonly isCheckpointed: boolean;
  readonly tokens: number;
  readonly batch: number;
}

export interface TrainingPeak {
  readonly weightsBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
  /** Kept for the backward pass, with the logits. */
  readonly activationBytes: number;
  readonly peakBytes: number;
}

/** Workspaces of cuBLAS and cuBLASLt: 32 MiB each on an H100, less on older GPUs. */
const WORKSPACE_BYTES = 2 * 32 * 2 ** 20;
const FLOAT_BYTES = 4;
/** Loss and its gradient: log-probabilities in 32 bits are kept, and two more of them live while the backward pass starts. */
const LOSS_BYTES = 2 * FLOAT_BYTES;
/** transformers' Adafactor works on one weight at a time: its gradient, the update and two products of it, in 32 bits. */
const ADAFACTOR_COPIES = 4;

/** Bytes of state per trained parameter, and what one step adds: AdamW's roots of all variances at once (`foreach`). */
const OPTIMIZERS: Readonly<
  Record<Optimizer, { stateBytes(bytesEach: number): number; readonly hasRoots: boolean }>
> = {
  adamw: { stateBytes: (bytesEach) => 2 * bytesEach, hasRoots: true },
  // bitsandbytes: two states of a byte, with a scale of 32 bits per 256 of each.
  "adamw-8bit": { stateBytes: () => 2 * (1 + FLOAT_BYTES / 256), hasRoots: false },
  adafactor: { stateBytes: () => 0, hasRoots: false },
  sgd: { stateBytes: () => 0, hasRoots: false },
};

/** Estimate the peak: the highest of forward pass, start, course and end of the backward pass, and optimizer step. */
export function estimateTrainingPeak(run: TrainingRun): TrainingPeak {
  const { block, trained, isLora, elementBytes, weightsBytes, isCheckpointed } = run;
  const { vocabulary, hidden, layers } = block;
  const tokens = run.tokens * run.batch;
  const optimizer = OPTIMIZERS[run.optimizer];
  const gradientBytes = trained.parameters * trained.bytesEach;
  const optimizerBytes = Math.ceil(trained.parameters * optimizer.stateBytes(trained.bytesEach));
  const base = weightsBytes + WORKSPACE_BYTES + optimizerBytes;

  const request = { elementBytes, isLora, tokens: run.tokens };
  const layerBytes = countLayerBytes(block, request) * tokens;
  const stateBytes = hidden * elementBytes * tokens;
  const biasBytes = block.hasBiases ? block.heads * run.tokens * elementBytes * tokens : 0;
  const kept = layers * (isCheckpointed ? stateBytes : layerBytes) + biasBytes;
  const lastNorm = (countNormBytes(block, request) + (isLora ? 0 : elementBytes)) * hidden * tokens;
  const logits = vocabulary * tokens;
  const lossBytes = logits * (FLOAT_BYTES + (block.hasSoftcap ? elementBytes : 0));
  const activationBytes = kept + lastNorm + lossBytes;

  const forward = base + activationBytes + logits * (FLOAT_BYTES + (elementBytes === 2 ? elementBytes : 0));
  const start = base + activationBytes + logits * LOSS_BYTES;
  // The gradient of the head comes first, then layer by layer those of its weights.
  const embeddingBytes = vocabulary * hidden * elementBytes;
  const headGradient = isLora ? 0 : Math.min(embeddingBytes, gradientBytes);
  const layerGradients = isLora
    ? gradientBytes
    : Math.max(0, gradientBytes - embeddingBytes * (block.isTied ? 1 : 2));
  const passing = countPassingBytes(block, request) * tokens;
  const recomputed = isCheckpointed ? layerBytes : 0;
  const first = base + kept + headGradient + recomputed + passing + stateBytes;
  const last = base + headGradient + layerGradients + layerBytes + passing + biasBytes;
  // A tied embedding has two gradients, which are added to a third.
  const embedding = isLora
    ? 0
    : base + headGradient + layerGradients + (block.isTied ? 2 : 1) * embeddingBytes + 2 * stateBytes;
  const step =
    base +
    gradientBytes +
    (optimizer.hasRoots ? gradientBytes : 0) +
    (run.optimizer === "adafactor" ? ADAFACTOR_COPIES * FLOAT_BYTES * trained.largest : 0);
  return {
    weightsBytes,
    gradientBytes,
    optimizerBytes,
    activationBytes: Math.ceil(activationBytes),
    peakBytes: Math.ceil(Math.max(forward, start, first, last, embedding, step)),
  };
}
