import { isUnknown } from "../contract/unknown.ts";
import { formatCount, sumParameters } from "./counts.ts";
import { type ResultRow, addSizes, buildUnknownRow, sizeAdapter, sizeVariant } from "./row.ts";
import { type BaseModel, startVariant } from "./variant.ts";
import { planAdapter, type LoraRequest } from "./lora.ts";

const CAVEAT =
  "One model is downloaded, and an adapter for each task, all-linear, in place of as many models.";

/** The most fine-tuned models that can be compared. */
export const MAX_TASKS = 9_999;

/** Compare one whole model per task with one model and an adapter per task. */
export function listTasks(base: BaseModel, request: LoraRequest): ResultRow[] {
  const adapted = request.ranks.map((rank) => buildTasksRow(base, rank, request));
  const isPossible = adapted.some(({ reason }) => reason === null);
  return isPossible ? [buildModelsRow(base, request), ...adapted] : adapted;
}

function buildModelsRow(base: BaseModel, request: LoraRequest): ResultRow {
  const { tasks } = request;
  const parameters = sumParameters(base.weights);
  return {
    technique: "lora",
    name: `${tasks} tasks, ${tasks} models`,
    inputs: { tasks },
    parameters: keepExact(parameters * tasks),
    tensors: null,
    sizes: sizeVariant(startVariant(base), request).map((size) => addSizes(size, size, tasks - 1)),
    shapes: [],
    arithmetic: `${tasks} × ${formatCount(parameters)}`,
    caveat: CAVEAT,
    reason: null,
  };
}

function buildTasksRow(base: BaseModel, rank: number, request: LoraRequest): ResultRow {
  const { tasks, quantizations } = request;
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
    sizes: sizeVariant(start, request).map((size, index) => {
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
