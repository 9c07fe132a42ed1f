/** The gate: budgets → measured models → verdicts, changes and the lock file. */
import type { BudgetConfig } from "../budget/config.ts";
import { compareModels } from "../budget/changes.ts";
import { judgeReport } from "../budget/judge.ts";
import { buildLock, LOCK_FILE, parseLock, renderLock, type Lock } from "../budget/lock.ts";
import { resolveBudgets } from "../budget/resolve.ts";
import type { ModelReport, Report } from "../contract/report.ts";
import { LlmSizeError } from "../errors.ts";
import { readTextFile, writeTextFile } from "../files/text-file.ts";
import { planMemory, type MemoryInput } from "../memory/memory-plan.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Quantization } from "../quant/quantization.ts";
import { parseQuantization } from "../quant/registry.ts";
import type { Reference } from "../source/reference.ts";
import { buildMemoryInput } from "./document.ts";
import {
  buildReport,
  measureEach,
  toDocuments,
  type Documents,
  type InvalidReference,
  type MeasureOptions,
} from "./measure.ts";

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
  const before = await readLock(file, cwd, lockFile !== undefined && !update);
  const quantizations = listQuantizations(budgets, before);

  const documents = new Map<Reference | InvalidReference, Documents>(
    references.map((reference) => [reference, { models: [], failures: [] }]),
  );
  const memoryInputs = new Map<string, MemoryInput>();
  for await (const { reference, models, failures } of measureEach(references, {
    ...options,
    quantizations,
  })) {
    const planned = models.map((model) => {
      const input = buildMemoryInput(model);
      memoryInputs.set(reference.text, input);
      return { ...model, document: { ...model.document, memory: planFirst(budgets, model.document, input) } };
    });
    documents.set(reference, toDocuments({ models: planned, failures }));
  }
  const measured = buildReport([...documents.values()]);

  const lock = update ? await updateLock({ file, cwd }, before, measured) : before;
  const texts = references.map(({ text }) => text);
  const judged = judgeReport(texts, budgets, { ...measured, memoryInputs }, lock);
  const report = { ...measured, ...judged, changes: listChanges(measured, before) };
  return { report, uncovered: listUncovered(texts, report) };
}

/** Plan the memory that the report shows: for the first budget that limits it. */
function planFirst(budgets: BudgetConfig, { reference, id }: ModelReport, input: MemoryInput) {
  const budget = resolveBudgets(budgets, reference, id).find(({ limits }) =>
    limits.some(({ rule }) => rule === "maxMemory"),
  );
  if (!budget) return null;
  const { context, batch, kvDtype, layout } = budget.conditions;
  return planMemory(input, { context, batch, kvDtype, layout, devices: [], connections: [] });
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

async function readLock(file: string, cwd: string, isNeeded: boolean): Promise<Lock | null> {
  const text = await readTextFile(file, cwd);
  if (text !== null) return parseLock(text, file);
  if (isNeeded) throw new LlmSizeError("CONFIG_INVALID", { file, path: "", problem: "does not exist" });
  return null;
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

function listUncovered(references: readonly string[], { verdicts, failures }: Report): string[] {
  const judged = new Set([...verdicts, ...failures].map(({ reference }) => reference));
  return references.filter((reference) => !judged.has(reference));
}
