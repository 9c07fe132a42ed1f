import { DEFAULT_MEMORY_OPTIONS } from "../memory/memory-options.ts";
import { RULE_NAMES } from "../contract/terms.ts";
import type { Budget, LimitSet } from "./budget.ts";
import type { BudgetConfig } from "./config.ts";
import { matchesPattern } from "./pattern.ts";

/**
 * The budgets of a model: for each of its own (by reference, else by id), what that says, then the patterns that fit,
 * then the defaults. One limit of a rule hides those below it.
 */
export function resolveBudgets(config: BudgetConfig, reference: string, id: string | null): Budget[] {
  const named = (name: string) =>
    config.budgets.filter(({ model }) => model.toLowerCase() === name.toLowerCase());
  const byReference = named(reference);
  const own: readonly (LimitSet | null)[] = byReference.length > 0 ? byReference : named(id ?? reference);
  const fitting = config.patterns.filter(({ model }) => matchesPattern(model, id ?? reference)).toReversed();
  return (own.length > 0 ? own : [null]).map((set) => ({
    model: reference,
    ...mergeLimits([...(set ? [set] : []), ...fitting, config.defaults]),
  }));
}

/** The first of a rule, and of a condition, counts. */
function mergeLimits(sets: readonly LimitSet[]): Omit<Budget, "model"> {
  const limits = sets.flatMap((set) => set.limits);
  const said = sets.map(({ conditions }) => conditions).toReversed();
  return {
    quantization: sets.find(({ quantization }) => quantization !== null)?.quantization ?? null,
    limits: RULE_NAMES.flatMap((name) => limits.find(({ rule }) => rule === name) ?? []),
    conditions: Object.assign({ ...DEFAULT_MEMORY_OPTIONS, connection: null }, ...said),
  };
}
