import type { RowOptions } from "../../src/reduce/row.ts";
import { parseSteps } from "../../src/reduce/steps.ts";
import type { BaseModel, Transform, Variant } from "../../src/reduce/variant.ts";
import { listStoredCopies, startVariant } from "../../src/reduce/variant.ts";
import type { Unknown } from "../../src/contract/unknown.ts";
import type { LogicalModel } from "../../src/quant/scheme.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { examineReal } from "../model/real-models.ts";

/** A model of `fixtures/models`, as the techniques are given it. */
export function originalOf(id: string): BaseModel {
  const { classified, config } = examineReal(id);
  return { id, weights: classified.weights, config, copies: listStoredCopies(classified) };
}

/** One step of `--apply` on what others left. */
export function applyStep(variant: Variant, text: string): Transform | Unknown {
  const [step, ...others] = parseSteps(text, parseQuantization);
  if (!step || others.length > 0) throw new Error(`${text} is not one step`);
  return step.apply(variant);
}

/** One step of `--apply` on a whole model. */
export function applyTo(model: LogicalModel, text: string): Transform | Unknown {
  return applyStep(startVariant(model), text);
}

/** The four levels. */
export const LEVELS_REQUEST: RowOptions = { quantizations: LEVEL_QUANTIZATIONS, checkTime: () => {} };
