/** The rows that each technique lists: adding a technique is one row here and one file. */
import type { Technique } from "../contract/terms.ts";
import { isUnknown, type Unknown } from "../contract/unknown.ts";
import { compareStudent, listDistillations } from "./distillation.ts";
import { listAdapters, type LoraOptions } from "./lora.ts";
import { listPrunings } from "./pruning.ts";
import { buildUnknownRow, type ResultRow } from "./row.ts";
import { listSharings } from "./sharing.ts";
import { listTasks } from "./tasks.ts";
import type { BaseModel } from "./variant.ts";

export interface ListOptions extends LoraOptions {
  /** A real student to compare with. */
  readonly student: { readonly id: string; readonly model: BaseModel | Unknown } | null;
}

export const LISTS = {
  lora: (base, options) => [...listAdapters(base, options), ...listTasks(base, options)],
  pruning: listPrunings,
  distillation: (base, options) => [...listDistillations(base, options), ...listStudent(base, options)],
  sharing: listSharings,
} as const satisfies Record<
  Exclude<Technique, "quantization">,
  (base: BaseModel, options: ListOptions) => ResultRow[]
>;

function listStudent(base: BaseModel, options: ListOptions): ResultRow[] {
  const { student } = options;
  if (!student) return [];
  return isUnknown(student.model)
    ? [buildUnknownRow("distillation", student.id, student.model.reason)]
    : [compareStudent(base, student.model, options)];
}
