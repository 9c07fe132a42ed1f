/** Within budget? */
import type { Failure, ModelReport, Report } from "../contract/report.ts";
import { planMemory, type MemoryInput } from "../memory/memory-plan.ts";
import type { Verdict } from "../contract/verdicts.ts";
import type { RuleName } from "../contract/terms.ts";
import {
  RULES,
  type Budget,
  type BudgetConditions,
  type Circumstances,
  type Figure,
  type Limit,
  type PlannedMemory,
} from "./budget.ts";
import type { BudgetConfig } from "./config.ts";
import { findDoubt } from "./doubts.ts";
import type { Lock, LockedModel } from "./lock.ts";
import { resolveBudgets } from "./resolve.ts";

/** One verdict a limit. Equal passes; what is not known, or in doubt, is unknown and never passes. */
export function judgeModel(
  budget: Budget,
  model: ModelReport,
  locked: LockedModel | null,
  plan: PlannedMemory | null = null,
): Verdict[] {
  const { quantization, conditions } = budget;
  const circumstances = { quantization, locked, plan, connection: conditions.connection };
  return budget.limits.map((limit) => judgeLimit(budget, limit, model, circumstances));
}

function judgeLimit(budget: Budget, limit: Limit, model: ModelReport, circumstances: Circumstances): Verdict {
  const figure = RULES[limit.rule].pickFigure(model, circumstances);
  const { value, basis } = figure;
  const doubt = findDoubt(figure.subject, model);
  const open = startVerdict(budget, limit);
  if (value === null) return judgeAtLeast(open, figure, doubt?.note.message ?? null);
  const known = { ...open, actual: value, basis, lockedBytes: figure.lockedBytes ?? null };
  const isWithin = value <= limit.limit;
  if (doubt && !(doubt.effect === "atMost" && isWithin)) return { ...known, reason: doubt.note.message };
  const margin = value * (figure.errorBand ?? 0);
  // The whole band has to lie on one side of the limit.
  if (value - margin <= limit.limit !== value + margin <= limit.limit)
    return { ...known, reason: `the limit lies within the error of the prediction (${formatBand(figure)})` };
  if (!isWithin) return { ...known, outcome: "exceeded" };
  return { ...known, outcome: "passed", reason: explainTightness(value, limit) };
}

/** google/gemma-2b at fp16 is within what an iPhone 16 gives only some apps. */
function explainTightness(value: number, { comfortable, device }: Limit): string | null {
  return comfortable !== null && value > comfortable ? `tightly; it is not comfortable on ${device}` : null;
}

/** What is over the limit by its known part alone is over it. */
function judgeAtLeast(open: Verdict, figure: Figure, doubt: string | null): Verdict {
  const { atLeast, errorBand = 0, basis, absence } = figure;
  if (doubt !== null || atLeast === undefined || atLeast * (1 - errorBand) <= open.limit)
    return { ...open, reason: doubt ?? absence };
  return { ...open, actual: atLeast, basis, outcome: "exceeded", reason: `by the weights alone; ${absence}` };
}

function formatBand({ errorBand = 0 }: Figure): string {
  return `±${Number((errorBand * 100).toPrecision(2))} %`;
}

/** The verdicts on a model that could not be measured. */
export function judgeUnmeasured(budget: Budget, reason: string): Verdict[] {
  return budget.limits.map((limit) => ({ ...startVerdict(budget, limit), reason }));
}

/** Unknown until something is known. */
function startVerdict(budget: Budget, { rule, limit, why, device }: Limit): Verdict {
  const { model, quantization, conditions } = budget;
  return {
    reference: model,
    rule,
    quantization: RULES[rule].quantized ? quantization : null,
    limit,
    actual: null,
    outcome: "unknown",
    basis: null,
    lockedBytes: null,
    reason: null,
    why,
    conditions: describeConditions(rule, conditions, device),
  };
}

/** What a figure of memory or time holds for; null for what holds always. */
function describeConditions(
  rule: RuleName,
  { connection, context, batch, kvDtype, layout }: BudgetConditions,
  device: string | null,
): Verdict["conditions"] {
  const nothing = { context: null, batch: null, kvDtype: null, layout: null, device, bitsPerSecond: null };
  if (rule === "maxMemory") return { ...nothing, context, batch, kvDtype, layout };
  if (rule === "maxDownloadTime") return { ...nothing, bitsPerSecond: connection?.bitsPerSecond ?? null };
  return null;
}

/** Plan the memory of a model under the conditions of a budget. */
function planFor({ conditions }: Budget, input: MemoryInput | undefined): PlannedMemory | null {
  if (!input) return null;
  const plan = planMemory(input, { ...conditions, devices: [], connections: [] });
  return { ...plan, config: input.config };
}

interface MeasuredReport extends Pick<Report, "models" | "failures"> {
  /** What the memory of each model is planned from, by its reference. */
  readonly memoryInputs?: ReadonlyMap<string, MemoryInput>;
}

/**
 * Judges what was asked for: each reference by its own budgets, else by the patterns and defaults. `passed` is null
 * where nothing was gated.
 */
export function judgeReport(
  references: readonly string[],
  config: BudgetConfig,
  report: MeasuredReport,
  lock: Lock | null,
): { verdicts: Verdict[]; passed: boolean | null } {
  const verdicts = new Map<string, Verdict>();
  for (const reference of references) {
    const model = report.models.find((candidate) => candidate.reference === reference);
    const failure = report.failures.find((candidate) => candidate.reference === reference);
    const locked = lock?.models.find((candidate) => candidate.reference === reference) ?? null;
    for (const budget of resolveBudgets(config, reference, model?.id ?? null))
      for (const verdict of model
        ? judgeModel(budget, model, locked, planFor(budget, report.memoryInputs?.get(reference)))
        : judgeUnmeasured(budget, explain(failure)))
        // Two budgets of a model share the limits of the defaults.
        verdicts.set(
          JSON.stringify([reference, verdict.rule, verdict.quantization, verdict.limit, verdict.conditions]),
          verdict,
        );
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
