/** Budgets and measured models → verdicts. */
import type { Failure, ModelReport, Verdict } from "../contract/types.ts";
import type { DraftModel, MemoryInput } from "../memory/memory-plan.ts";
import type { TrainingSetup } from "../memory/training/setup.ts";
import { resolveBudgets, type Budget, type BudgetConfig, type Limit } from "./budget.ts";
import { findDoubt } from "./doubt.ts";
import type { Lock, LockedModel } from "./lock.ts";
import { findLockedLoad, getLockedBytes, type CodeLoad, type LockedLoad } from "./locked-load.ts";
import { matchesPath } from "./pattern.ts";
import type { JudgedModel, Metric } from "./metric.ts";
import { RULES } from "./rules.ts";

/** The result of measuring one reference: its model, or why there is none. */
export interface MeasuredReference {
  readonly reference: string;
  readonly model: ModelReport | null;
  /** Null where memory is not limited. */
  readonly memory: MemoryInput | null;
  readonly failure: Failure | null;
  /** Draft models by their references, or why one could not be measured. */
  readonly drafts?: ReadonlyMap<string, DraftModel | string>;
  /** How code loads it; null for a model that code does not name. */
  readonly load: CodeLoad | null;
}

/**
 * Judge each reference by its own budgets, or else by the patterns and defaults. `passed` is null where no budget
 * applies.
 */
export function judgeReferences(
  measured: readonly MeasuredReference[],
  config: BudgetConfig,
  lock: Lock | null,
): { verdicts: Verdict[]; passed: boolean | null } {
  const loads = measured.flatMap(({ load }) => load ?? []);
  const judged = measured.flatMap((one) =>
    one.load
      ? splitByPaths(one.load, config).flatMap((load) => judgeLoad({ ...one, load }, { config, lock, loads }))
      : judgeByBudgets(
          one,
          config,
          lock?.models.find(({ reference }) => reference === one.reference) ?? null,
        ),
  );
  // Two budgets of a model share the limits of the defaults.
  const byLimit = new Map(
    judged.map((verdict) => {
      const { reference, rule, quantization, limit, conditions, places } = verdict;
      return [JSON.stringify([reference, rule, quantization, limit, conditions, places]), verdict];
    }),
  );
  const verdicts = [...byLimit.values()];
  const passed = verdicts.length === 0 ? null : verdicts.every(({ outcome }) => outcome === "passed");
  return { verdicts, passed };
}

function judgeByBudgets(
  { reference, model, memory, failure, drafts }: MeasuredReference,
  config: BudgetConfig,
  locked: LockedModel | null,
): Verdict[] {
  const reason = failure?.message ?? "it was not measured";
  return resolveBudgets(config, { reference, id: model?.id ?? null }).flatMap((budget) =>
    model
      ? judgeModel(budget, { model, memory, locked, drafts })
      : budget.limits.map((limit) => ({ ...startVerdict(budget, limit), reason })),
  );
}

/** Split the places of a load by the limits of their paths. */
function splitByPaths(load: CodeLoad, { paths }: BudgetConfig): CodeLoad[] {
  const groups = new Map<string, CodeLoad["places"]>();
  for (const place of load.places) {
    const key = paths.map(({ path }) => Number(matchesPath(path, place.path))).join("");
    groups.set(key, [...(groups.get(key) ?? []), place]);
  }
  return [...groups.values()].map((places) => ({ ...load, places }));
}

/** Judge a model as code loads it, by the limits of the files that name it. */
function judgeLoad(
  { reference, model, memory, failure, load, drafts }: MeasuredReference & { readonly load: CodeLoad },
  { config, lock, loads }: { config: BudgetConfig; lock: Lock | null; loads: readonly CodeLoad[] },
): Verdict[] {
  const files = load.places.map(({ path }) => path);
  const before = lock && findLockedLoad(lock, load, loads);
  const reason = failure?.message ?? "it was not measured";
  return resolveBudgets(config, { reference, id: model?.id ?? null, files })
    .map((budget) => ({ ...budget, quantization: load.quantization ?? budget.quantization }))
    .flatMap((budget) =>
      model
        ? judgeModel(budget, {
            model,
            memory,
            drafts,
            locked: before && toLocked(before, budget.quantization),
          })
        : budget.limits.map((limit) => ({ ...startVerdict(budget, limit), reason })),
    )
    .map((verdict) => ({
      ...verdict,
      places: [...load.places],
      reason:
        verdict.rule === "maxGrowth" && before?.isReplaced
          ? explainReplaced(before, verdict.reason)
          : verdict.reason,
    }));
}

/** The locked model with the bytes that a load in this form replaces. */
function toLocked({ locked, quantization, isReplaced }: LockedLoad, wanted: string | null): LockedModel {
  if (!isReplaced) return locked;
  const bytes = getLockedBytes(locked, quantization);
  return wanted === null ? { ...locked, publishedBytes: bytes } : { ...locked, sizes: { [wanted]: bytes } };
}

function explainReplaced({ locked, quantization }: LockedLoad, reason: string | null): string {
  const form = quantization === null ? "" : ` at ${quantization}`;
  return `${reason === null ? "" : `${reason}; `}it replaces ${locked.reference}${form}`;
}

/** Judge a model by each limit of a budget. A value equal to the limit passes; one unknown or in doubt never does. */
export function judgeModel(budget: Budget, judged: JudgedModel): Verdict[] {
  return budget.limits.map((limit) => judgeLimit(budget, limit, judged));
}

function judgeLimit(budget: Budget, limit: Limit, judged: JudgedModel): Verdict {
  const metric = RULES[limit.rule].computeMetric({ ...budget, ...judged, machine: limit.machine });
  const { value, basis, errorBand = 0, lockedBytes = null } = metric;
  const doubt = findDoubt(metric.scope, judged.model);
  const open = startVerdict(budget, limit);
  if (value === null) return judgeAtLeast(open, metric, doubt?.message ?? null);
  const isMainWithin = value <= limit.limit;
  const most = metric.largest?.value ?? value;
  const known = { ...open, actual: most, basis, lockedBytes };
  const isWithin = most <= limit.limit;
  if (doubt && !(doubt.effect === "atMost" && isWithin)) return { ...known, reason: doubt.message };
  // What is counted is needed, so an excess stands; a pass stands with everything in doubt counted in.
  const { filesDoubt } = metric;
  if (filesDoubt && isWithin && (filesDoubt.atMostBytes ?? Infinity) > limit.limit)
    return { ...known, reason: filesDoubt.message };
  if (metric.largest && isMainWithin && !isWithin) {
    const reason = `above the limit where publishers chose "${metric.largest.because}"; name a variant to judge another`;
    return { ...known, reason };
  }
  const margin = most * errorBand;
  if (most - margin <= limit.limit !== most + margin <= limit.limit) {
    const percent = Number((errorBand * 100).toPrecision(2));
    return { ...known, reason: `the limit is within the error of the prediction (±${percent} %)` };
  }
  if (!isWithin && most * (1 - (metric.errorBelow ?? 0)) <= limit.limit)
    return {
      ...known,
      reason:
        "the Hub's total may count a tied output head twice; without it the model may be within the limit",
    };
  if (!isWithin) return { ...known, outcome: "exceeded" };
  return { ...known, outcome: "passed", reason: explainTightness(most, limit) };
}

/** google/gemma-2b at fp16 is within what an iPhone 16 gives only some apps. */
function explainTightness(value: number, { recommendedBytes, device }: Limit): string | null {
  return recommendedBytes !== null && value > recommendedBytes
    ? `above the memory recommended for ${device}`
    : null;
}

/** Judge an unknown value by its lower bound, which can only show that the limit is exceeded. */
function judgeAtLeast(open: Verdict, metric: Metric, doubt: string | null): Verdict {
  const { atLeast, errorBand = 0, basis, reason } = metric;
  if (doubt !== null || atLeast === undefined || atLeast * (1 - errorBand) <= open.limit)
    return { ...open, reason: doubt ?? reason };
  return {
    ...open,
    actual: atLeast,
    basis,
    outcome: "exceeded",
    reason: `the weights alone exceed it; ${reason}`,
  };
}

function startVerdict(budget: Budget, limit: Limit): Verdict {
  const { rule } = limit;
  return {
    reference: budget.model,
    rule,
    quantization: RULES[rule].quantized ? budget.quantization : null,
    limit: limit.limit,
    actual: null,
    outcome: "unknown",
    basis: null,
    lockedBytes: null,
    reason: null,
    why: limit.why,
    conditions: buildConditions(budget, limit),
    places: [],
    limitPlace: limit.place,
  };
}

/** Build the options that a metric of memory or time depends on; null for other rules. */
function buildConditions({ options }: Budget, limit: Limit): Verdict["conditions"] {
  const { speed, context, batch, kvDtype, layout, draft, training, gpuMemoryUtilization } = options;
  const { rule, device, recommendedBytes, machine } = limit;
  const run = { context: null, batch: null, kvDtype: null, layout: null, draft: null, train: null };
  const common = { device, recommendedBytes, gpuMemoryUtilization: null, bitsPerSecond: null };
  if (rule === "maxMemory")
    return {
      ...common,
      context,
      batch,
      kvDtype,
      layout,
      draft,
      train: training && formatTraining(training),
      gpuMemoryUtilization: machine?.machine?.gpus.length ? gpuMemoryUtilization : null,
    };
  if (rule === "maxDownloadTime") return { ...run, ...common, bitsPerSecond: speed?.bitsPerSecond ?? null };
  return null;
}

/** @example formatTraining(setup) //=> "lora, rank 16, adamw, bf16, checkpointing" */
function formatTraining({ mode, rank, optimizer, dtype, checkpointing }: TrainingSetup): string {
  const adapters = mode === "full" ? [] : [`rank ${rank}`];
  return [mode, ...adapters, optimizer, dtype, ...(checkpointing ? ["checkpointing"] : [])].join(", ");
}
