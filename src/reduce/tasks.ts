import { isUnknown } from "../contract/unknown.ts";
import { formatCount, sumParameters } from "./counts.ts";
import { type ResultRow, addSizes, buildUnknownRow, sizeAdapter, sizeVariant } from "./row.ts";
import { type BaseModel, startVariant } from "./variant.ts";
import { planAdapter, type LoraOptions } from "./lora.ts";

const CAVEAT =
  "One model is downloaded, and an adapter for each task, all-linear, in place of as many models.";

/** The most fine-tuned models that can be compared. */
export const MAX_TASKS = 9_999;

/** Compare one whole model per task with one model and an adapter per task. */
export function listTasks(base: BaseModel, options: LoraOptions): ResultRow[] {
  const adapted = options.ranks.map((rank) => buildTasksRow(base, rank, options));
  const isPossible = adapted.some(({ reason }) => reason === null);
  return isPossible ? [buildModelsRow(base, options), ...adapted] : adapted;
}

function buildModelsRow(base: BaseModel, options: LoraOptions): ResultRow {
  const { tasks } = options;
  const parameters = sumParameters(base.weights);
  return {
    technique: "lora",
    name: `${tasks} tasks, ${tasks} models`,
    inputs: { tasks },
    parameters: keepExact(parameters * tasks),
    tensors: null,
    sizes: sizeVariant(startVariant(base), options).map((size) => addSizes(size, size, tasks - 1)),
    shapes: [],
    arithmetic: `${tasks} × ${formatCount(parameters)}`,
    caveat: CAVEAT,
    reason: null,
  };
}

function buildTasksRow(base: BaseModel, rank: number, options: LoraOptions): ResultRow {
  const { tasks, quantizations } = options;
  const name = `${tasks} tasks, rank ${rank} adapters`;
  const start = startVariant(base);
  const plan = planAdapter(start, { rank, targets: "all-linear", dora: false, save: false });
  if (isUnknown(plan)) return buildUnknownRow("lora", name, plan.reason);
  const { adapter, inputs } = plan;
  const parameters = sumParameters(base.weights);
  return {
    technique: "lora",
    name,
    inputs: { ...inputs, tasks },
    parameters: keepExact(parameters + tasks * adapter.parameters),
    tensors: null,
    sizes: sizeVariant(start, options).map((size, index) => {
      const quantization = quantizations[index];
      return quantization ? addSizes(size, sizeAdapter(adapter, quantization), tasks) : size;
    }),
    shapes: [],
    arithmetic: `${formatCount(parameters)} + ${tasks} × ${formatCount(adapter.parameters)}`,
    caveat: CAVEAT,
    reason: null,
  };
}

function keepExact(count: number): number | null {
  return Number.isSafeInteger(count) ? count : null;
}
