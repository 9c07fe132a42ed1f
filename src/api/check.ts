/** The gate: budgets → measured models → verdicts, changes and the lock file. */
import { resolveBudgets, type BudgetConfig } from "../budget/budget.ts";
import { compareModels } from "../budget/changes.ts";
import { judgeReferences, type MeasuredReference } from "../budget/judge.ts";
import { buildLock, LOCK_FILE, renderLock, type Lock } from "../budget/lock.ts";
import type { ModelReport, Report } from "../contract/types.ts";
import { writeTextFile } from "../files/text-file.ts";
import { planMemory, type MemoryInput } from "../memory/memory-plan.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Quantization } from "../quant/quantization.ts";
import { parseQuantization } from "../quant/registry.ts";
import type { Reference } from "../source/reference.ts";
import { buildMemoryInput } from "./document.ts";
import { findLock, readLock } from "./lock-file.ts";
import { buildReport, measureEach, type InvalidReference, type MeasureOptions } from "./measure.ts";

export interface CheckRequest {
  readonly budgets: BudgetConfig;
  /** Another lock file than llm-size.lock.json; it has to exist unless it is updated. */
  readonly lockFile?: string | undefined;
  /** Write the lock file: what the models measure now is what growth is measured from. */
  readonly update?: boolean | undefined;
}

export interface CheckResult {
  readonly report: Report;
  /** References that no budget covers. */
  readonly uncovered: readonly string[];
}

/** Measure models and judge them by their budgets. Throws CONFIG_INVALID for a lock file that cannot be read. */
export async function checkModels(
  references: readonly (Reference | InvalidReference)[],
  { budgets, lockFile, update = false }: CheckRequest,
  options: Omit<MeasureOptions, "quantizations" | "memory">,
): Promise<CheckResult> {
  const file = lockFile ?? LOCK_FILE;
  const { cwd } = options.sources.system;
  const before = await (lockFile === undefined || update ? findLock : readLock)(file, cwd);
  const quantizations = listQuantizations(budgets, before);

  const byReference = new Map<Reference | InvalidReference, MeasuredReference>();
  const outcomes = measureEach(references, { ...options, quantizations });
  for await (const { reference, models, failures } of outcomes) {
    const [model] = models;
    const memory = model ? buildMemoryInput(model) : null;
    byReference.set(reference, {
      reference: reference.text,
      model: model && memory ? planFirst(budgets, model.document, memory) : null,
      memory,
      failure: failures[0] ?? null,
    });
  }
  const measured = references.flatMap((reference) => byReference.get(reference) ?? []);
  const unjudged = buildReport([
    {
      models: measured.flatMap(({ model }) => model ?? []),
      failures: measured.flatMap(({ failure }) => failure ?? []),
    },
  ]);

  const lock = update ? await updateLock({ file, cwd }, before, unjudged) : before;
  const judged = judgeReferences(measured, budgets, lock);
  const report = { ...unjudged, ...judged, changes: listChanges(unjudged, before) };
  const covered = new Set([...report.verdicts, ...report.failures].map(({ reference }) => reference));
  return { report, uncovered: references.map(({ text }) => text).filter((text) => !covered.has(text)) };
}

/** Add the memory that the report shows: under the options of the first budget that limits it. */
function planFirst(budgets: BudgetConfig, model: ModelReport, input: MemoryInput): ModelReport {
  const budget = resolveBudgets(budgets, model.reference, model.id).find(({ limits }) =>
    limits.some(({ rule }) => rule === "maxMemory"),
  );
  if (!budget) return model;
  const { speed: _, variant: __, ...options } = budget.options;
  return { ...model, memory: planMemory(input, { ...options, devices: [], connections: [] }) };
}

/** List what any budget is judged at, and what the lock file has, so that changes are found. */
function listQuantizations(config: BudgetConfig, lock: Lock | null): Quantization[] {
  const names = [config.defaults, ...config.budgets, ...config.patterns].flatMap(
    ({ quantization }) => quantization ?? [],
  );
  const locked =
    lock?.models.flatMap(({ sizes }) => Object.keys(sizes)) ?? LEVEL_QUANTIZATIONS.map(({ name }) => name);
  return [...new Set([...names, ...locked])].map((name) => parseQuantization(name));
}

/** Lock what was measured; a model that could not be measured keeps its old entry. */
async function updateLock(
  { file, cwd }: { file: string; cwd: string },
  before: Lock | null,
  report: Report,
): Promise<Lock> {
  const failed = new Set(report.failures.map(({ reference }) => reference));
  const kept = before?.models.filter(({ reference }) => failed.has(reference)) ?? [];
  const lock = buildLock(report);
  const merged = { ...lock, models: [...lock.models, ...kept].toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  await writeTextFile(file, cwd, renderLock(merged));
  return merged;
}

function listChanges({ models }: Report, lock: Lock | null): Report["changes"] {
  return models.flatMap((model) => {
    const locked = lock?.models.find(({ reference }) => reference === model.reference);
    return locked ? [compareModels(locked, model)] : [];
  });
}
