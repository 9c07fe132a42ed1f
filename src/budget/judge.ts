/** Within budget? */
import type { Failure, ModelReport, Report } from "../report/schema.ts";
import type { Verdict } from "../report/verdict-schema.ts";
import { RULES, type Budget, type Figure, type Limit } from "./budget.ts";
import { resolveBudgets, type BudgetConfig } from "./config.ts";
import { findDoubt } from "./doubts.ts";
import type { Lock, LockedModel } from "./lock.ts";

/** One verdict a limit. Equal passes; what is not known, or in doubt, is unknown and never passes. */
export function judgeModel(budget: Budget, model: ModelReport, baseline: LockedModel | null): Verdict[] {
  return budget.limits.map((limit) => judgeLimit(budget, limit, model, baseline));
}

function judgeLimit(budget: Budget, limit: Limit, model: ModelReport, baseline: LockedModel | null): Verdict {
  const figure = RULES[limit.rule].pickFigure(model, budget.quantization, baseline);
  const { value, basis } = figure;
  const doubt = findDoubt(figure.subject, model);
  const open = startVerdict(budget, limit);
  if (value === null) return { ...open, reason: doubt?.note.message ?? figure.absence };
  const known = { ...open, actual: value, basis, baseline: figure.baseline ?? null };
  const isWithin = value <= limit.limit;
  if (doubt && !(doubt.effect === "atMost" && isWithin)) return { ...known, reason: doubt.note.message };
  const margin = value * (figure.errorBand ?? 0);
  // The whole band has to lie on one side of the limit.
  if (value - margin <= limit.limit !== value + margin <= limit.limit)
    return { ...known, reason: `the limit lies within the error of the prediction (${formatBand(figure)})` };
  return { ...known, outcome: isWithin ? "passed" : "exceeded" };
}

function formatBand({ errorBand = 0 }: Figure): string {
  return `±${Number((errorBand * 100).toPrecision(2))} %`;
}

/** The verdicts on a model that could not be measured. */
export function judgeUnmeasured(budget: Budget, reason: string): Verdict[] {
  return budget.limits.map((limit) => ({ ...startVerdict(budget, limit), reason }));
}

/** Unknown until something is known. */
function startVerdict({ model, quantization }: Budget, { rule, limit, because }: Limit): Verdict {
  return {
    reference: model,
    rule,
    quantization: RULES[rule].quantized ? quantization : null,
    limit,
    actual: null,
    outcome: "unknown",
    basis: null,
    baseline: null,
    reason: null,
    because,
  };
}

/**
 * Judges what was asked for: each reference by its own budgets, else by the patterns and defaults. `passed` is null
 * where nothing was gated.
 */
export function judgeReport(
  references: readonly string[],
  config: BudgetConfig,
  report: Pick<Report, "models" | "failures">,
  lock: Lock | null,
): { verdicts: Verdict[]; passed: boolean | null } {
  const verdicts = new Map<string, Verdict>();
  for (const reference of references) {
    const model = report.models.find((candidate) => candidate.reference === reference);
    const failure = report.failures.find((candidate) => candidate.reference === reference);
    const baseline = lock?.models.find((candidate) => candidate.reference === reference) ?? null;
    for (const budget of resolveBudgets(config, reference, model?.id ?? null))
      for (const verdict of model
        ? judgeModel(budget, model, baseline)
        : judgeUnmeasured(budget, explain(failure)))
        // Two budgets of a model share the limits of the defaults.
        verdicts.set(JSON.stringify([reference, verdict.rule, verdict.quantization, verdict.limit]), verdict);
  }
  const all = [...verdicts.values()];
  return {
    verdicts: all,
    passed: all.length === 0 ? null : all.every(({ outcome }) => outcome === "passed"),
  };
}

function explain(failure: Failure | undefined): string {
  return failure?.message ?? "it was not measured";
}
