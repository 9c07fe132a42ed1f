/** Training as the document has it: without and with checkpointing, on each device. */
import { isUnknown } from "../../contract/unknown.ts";
import type { MemoryReport } from "../../contract/types.ts";
import type { Device } from "../device.ts";
import { judgeFit } from "../fits.ts";
import { planTraining, type TrainedModel } from "./plan.ts";
import type { TrainingSetup } from "./setup.ts";

interface TrainingRequest {
  readonly setup: TrainingSetup;
  readonly context: number;
  readonly batch: number;
  readonly devices: readonly Device[];
}

/** Plan training without and with checkpointing; with it alone where the setup states it. */
export function reportTraining(
  model: TrainedModel | string,
  { setup, context, batch, devices }: TrainingRequest,
): NonNullable<MemoryReport["training"]> {
  const { mode, optimizer, rank, dtype } = setup;
  const named = { mode, optimizer, rank: mode === "full" ? null : rank, dtype };
  const nothing = { ...named, trainedParameters: null, runs: [], fits: [] };
  if (typeof model === "string") return { ...nothing, reason: model };
  const runs = (setup.checkpointing ? [true] : [false, true]).map((checkpointing) => ({
    checkpointing,
    plan: planTraining(model, { ...setup, checkpointing, tokens: context, batch }),
  }));
  const failed = runs.map(({ plan }) => plan).find(isUnknown);
  if (failed) return { ...nothing, reason: failed.reason };
  const known = runs.flatMap(({ checkpointing, plan }) =>
    isUnknown(plan) ? [] : [{ checkpointing, ...plan }],
  );
  return {
    ...named,
    trainedParameters: known[0]?.trainedParameters ?? null,
    runs: known.map(
      ({ checkpointing, weightsBytes, gradientBytes, optimizerBytes, activationBytes, peakBytes }) => ({
        checkpointing,
        weightsBytes,
        gradientBytes,
        optimizerBytes,
        activationBytes,
        peakBytes,
      }),
    ),
    fits: known.flatMap(({ checkpointing, peakBytes }) =>
      devices.map((device) => {
        const needs = { memory: peakBytes, buffer: null, download: null };
        const { device: id, outcome } = judgeFit(needs, device);
        return { device: id, checkpointing, outcome };
      }),
    ),
    reason: null,
  };
}
