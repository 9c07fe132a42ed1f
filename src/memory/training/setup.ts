import type { Optimizer, TrainingDtype, TrainingMode } from "../../contract/terms.ts";

/** How a model is trained. */
export interface TrainingSetup {
  readonly mode: TrainingMode;
  readonly optimizer: Optimizer;
  /** Of the adapters. */
  readonly rank: number;
  /** Of weights that are not quantized, and of activations. */
  readonly dtype: TrainingDtype;
  readonly checkpointing: boolean;
}

export const DEFAULT_TRAINING: Omit<TrainingSetup, "mode"> = {
  optimizer: "adamw",
  rank: 16,
  dtype: "bf16",
  checkpointing: false,
};
