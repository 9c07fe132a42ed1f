import type { BudgetConfig } from "../budget/config.ts";
import type { PlanFor } from "../budget/judge.ts";
import { resolveBudgets } from "../budget/resolve.ts";
import type { Conditions } from "../memory/conditions.ts";
import { planMemory, type MemorySubject } from "../memory/memory-plan.ts";
import type { PlanMemory } from "../api/measure.ts";

/** Keeps what is known of each model, so that every budget can be judged under its own conditions. */
export function startPlanning(config: BudgetConfig): {
  /** What the report has: the plan for the first budget that bounds memory. */
  readonly planMemory: PlanMemory;
  readonly planFor: PlanFor;
} {
  const subjects = new Map<string, MemorySubject>();
  return {
    planMemory: (subject) => {
      subjects.set(subject.reference, subject);
      const budget = resolveBudgets(config, subject.reference, subject.id).find(({ limits }) =>
        limits.some(({ rule }) => rule === "maxMemory"),
      );
      return budget ? planUnder(subject, budget.conditions) : null;
    },
    planFor: (reference, conditions) => {
      const subject = subjects.get(reference);
      return subject ? { ...planUnder(subject, conditions), config: subject.config } : null;
    },
  };
}

function planUnder(subject: MemorySubject, { context, batch, kvDtype, layout }: Conditions) {
  return planMemory(subject, { context, batch, kvDtype, layout, devices: [], connections: [] });
}
