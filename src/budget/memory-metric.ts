/** The metric of maxMemory: what a model needs while it runs, in one place or split over a machine. */
import type { Device } from "../memory/device.ts";
import { countBytes } from "../memory/llama-cpp/place.ts";
import { planFit } from "../memory/fit-plan.ts";
import type { MemoryInput, StoredWeights } from "../memory/memory-plan.ts";
import type { TrainingSetup } from "../memory/training/setup.ts";
import { absent, mapLargest, withoutBound, type Metric, type RuleContext } from "./metric.ts";

/** Compute the memory of a model from the metric of its weights. */
export function computeMemoryMetric(
  { memory, options, quantization, drafts, ...context }: RuleContext,
  weights: Metric & { readonly value: number },
): Metric {
  if (!memory) return absent("its memory was not planned");
  const { training } = options;
  const machine = context.machine && shareGpus(context.machine, options.gpuMemoryUtilization);
  if (training && (machine || options.draft !== null))
    return absent("training is planned on one device, without a draft model");
  if (training) return computeTrainingMetric(memory, options, training);
  const draft = options.draft === null ? null : (drafts?.get(options.draft) ?? "it was not measured");
  if (typeof draft === "string") return absent(`the draft model ${options.draft ?? ""}: ${draft}`);
  const stored = findStored(memory, quantization);
  const planFor = (bytes: number, devices: readonly Device[]) =>
    planFit({ ...memory, weights: [{ ...stored, bytes }] }, { ...options, devices, connections: [], draft });
  const plan = planFor(weights.value, []);
  if (plan.kvCacheBytes === null) {
    const reason = `its KV cache is not known: ${plan.reason ?? "unknown"}`;
    return { ...weights, value: null, reason, atLeast: weights.value };
  }
  const addUp = (bytes: number): number =>
    machine
      ? addUpOnMachine(planFor(bytes, [machine]), machine)
      : (planFor(bytes, []).weights[0]?.totalBytes ?? Infinity);
  const value = addUp(weights.value);
  if (machine && Number.isNaN(value))
    return absent(`neither llama.cpp nor vLLM is known to split it over ${machine.id}`);
  if (!Number.isFinite(value)) return absent("its memory is too large to be counted exactly");
  // Only the weights have an error band.
  const share = weights.value / value;
  return {
    ...weights,
    value,
    largest: mapLargest(weights, addUp),
    basis: "predicted",
    errorBand: (weights.errorBand ?? 0) * share,
    errorBelow: (weights.errorBelow ?? 0) * share,
    filesDoubt: withoutBound(weights.filesDoubt),
  };
}

function shareGpus(device: Device, gpuMemoryUtilization: number): Device {
  return device.machine ? { ...device, machine: { ...device.machine, gpuMemoryUtilization } } : device;
}

/** The peak of a training step: an estimate whose error docs/memory.md states for each measured run. */
function computeTrainingMetric(
  memory: MemoryInput,
  { context, batch, kvDtype, layout }: RuleContext["options"],
  training: TrainingSetup,
): Metric {
  const run = { context, batch, kvDtype, layout, devices: [], connections: [], training };
  const { runs = [], reason = null } = planFit(memory, run).training ?? {};
  const found = runs.find(({ checkpointing }) => checkpointing === training.checkpointing);
  if (!found) return absent(reason ?? "its training is not known");
  return {
    value: found.peakBytes,
    reason: "",
    basis: "predicted",
    scope: "weights",
    errorBand: TRAINING_ERROR,
  };
}

/** The largest error of test/memory/training, rounded up. */
const TRAINING_ERROR = 0.06;

function findStored({ weights, published = null }: MemoryInput, quantization: string | null): StoredWeights {
  const none = { quantization: quantization ?? "", bytes: null, fetchBytes: null, largestBytes: null };
  const found = quantization === null ? published : weights.find((one) => one.quantization === quantization);
  return found ?? none;
}

/** Return what it needs where it fits; else more than the machine has, as parts of it are too small. NaN where no engine splits it. */
function addUpOnMachine({ placements }: ReturnType<typeof planFit>, { limitBytes, machine }: Device): number {
  const [placement] = placements;
  if (!placement || !machine) return Number.NaN;
  const { gpus, ram, outcome, missingBytes } = placement;
  if (outcome === "exceeds") return limitBytes + missingBytes;
  const loads = machine.ramBytes === null ? gpus : [...gpus, ram];
  return loads.reduce((sum, load) => sum + countBytes(load), 0);
}
