import { planAdapter, type LoraRequest } from "./lora.ts";
import { groupDigits, isRefusal, refuse, startReducing, sumParameters } from "./reduction.ts";
import type { Original, Reduction } from "./reduction.ts";
import { addSizes, sizeAdapter, sizeReduced } from "./sizes.ts";

const LIMIT =
  "One model is downloaded, and an adapter for each task, all-linear, in place of as many models.";

/** So many tasks: a whole model for each, or one model and an adapter for each, where it can have one. */
export function listTasks(original: Original, request: LoraRequest): Reduction[] {
  const adapted = request.ranks.map((rank) => describeAdapters(original, rank, request));
  const isPossible = adapted.some(({ reason }) => reason === null);
  return isPossible ? [describeModels(original, request), ...adapted] : adapted;
}

function describeModels(original: Original, request: LoraRequest): Reduction {
  const { tasks } = request;
  const parameters = sumParameters(original.weights);
  return {
    technique: "lora",
    name: `${tasks} tasks, ${tasks} models`,
    inputs: { tasks },
    parameters: keepExact(parameters * tasks),
    tensors: null,
    sizes: sizeReduced(startReducing(original), request).map((size) => addSizes(size, size, tasks - 1)),
    shapes: [],
    arithmetic: `${tasks} × ${groupDigits(parameters)}`,
    caveat: LIMIT,
    reason: null,
  };
}

function describeAdapters(original: Original, rank: number, request: LoraRequest): Reduction {
  const { tasks, quantizations } = request;
  const name = `${tasks} tasks, rank ${rank} adapters`;
  const start = startReducing(original);
  const plan = planAdapter(start, { rank, targets: "all-linear", dora: false, save: false });
  if (isRefusal(plan)) return refuse("lora", name, plan.reason);
  const { adapter, inputs } = plan;
  const parameters = sumParameters(original.weights);
  return {
    technique: "lora",
    name,
    inputs: { ...inputs, tasks },
    parameters: keepExact(parameters + tasks * adapter.parameters),
    tensors: null,
    sizes: sizeReduced(start, request).map((size, index) => {
      const quantization = quantizations[index];
      return quantization ? addSizes(size, sizeAdapter(adapter, quantization), tasks) : size;
    }),
    shapes: [],
    arithmetic: `${groupDigits(parameters)} + ${tasks} × ${groupDigits(adapter.parameters)}`,
    caveat: LIMIT,
    reason: null,
  };
}

function keepExact(count: number): number | null {
  return Number.isSafeInteger(count) ? count : null;
}
