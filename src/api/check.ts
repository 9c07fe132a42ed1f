/** The gate: budgets → measured models → verdicts, changes and the lock file. */
import { resolveBudgets, type BudgetConfig } from "../budget/budget.ts";
import { compareModels } from "../budget/changes.ts";
import { judgeReferences, type MeasuredReference } from "../budget/judge.ts";
import { findLockedLoad, listNamedIn, type CodeLoad } from "../budget/locked-load.ts";
import { buildLock, LOCK_FILE, renderLock, type Lock } from "../budget/lock.ts";
import type { ModelReport, Report } from "../contract/types.ts";
import { writeTextFile } from "../files/text-file.ts";
import { planFit } from "../memory/fit-plan.ts";
import type { DraftModel, MemoryInput } from "../memory/memory-plan.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Quantization } from "../quant/quantization.ts";
import { parseQuantization } from "../quant/registry.ts";
import { parseListed, type InvalidReference, type Reference } from "../source/reference.ts";
import { buildMemoryInput } from "./document.ts";
import { findLock, readLock } from "./lock-file.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { buildFailure, buildReport, measureEach, measureOne, type Outcome } from "./measure.ts";

export interface CheckRequest {
  readonly budgets: BudgetConfig;
  /** Another lock file than llm-size.lock.json; it has to exist unless it is updated. */
  readonly lockFile?: string | undefined;
  /** Write the lock file: what the models measure now is what growth is measured from. */
  readonly update?: boolean | undefined;
  /** Judge sizes as others have published them, instead of as predicted. */
  readonly published?: boolean | undefined;
  /** The models that code names, instead of references. */
  readonly code?: CheckedCode | undefined;
}

/** Code to check: how it loads each model, and what was found there. */
export interface CheckedCode {
  readonly loads: readonly Omit<CodeLoad, "model">[];
  readonly found: Report["code"];
}

export interface CheckResult {
  readonly report: Report;
  /** References that no budget covers. */
  readonly uncovered: readonly string[];
}

/** Measure models and judge them by their budgets. Throws CONFIG_INVALID for a lock file that cannot be read. */
export async function checkModels(
  references: readonly (Reference | InvalidReference)[],
  { budgets, lockFile, update = false, published = false, code }: CheckRequest,
  options: Omit<MeasureOptions, "quantizations" | "memory">,
): Promise<CheckResult> {
  const file = lockFile ?? LOCK_FILE;
  const { cwd } = options.sources.system;
  const before = await (lockFile === undefined || update ? findLock : readLock)(file, cwd);
  const quantizations = listQuantizations(budgets, before, code);

  const drafts = await measureDrafts(budgets, { ...options, quantizations });
  const byReference = new Map<Reference | InvalidReference, MeasuredReference>();
  const gate = { ...options, sources: { ...options.sources, isGate: true }, quantizations };
  const outcomes = measureEach(references, (reference) => measureOne(reference, gate));
  const wanted = published ? listJudged(budgets) : [];
  for await (const outcome of outcomes) {
    const { reference, models, failures } =
      wanted.length > 0 ? await takePublished(outcome, wanted, options) : outcome;
    const [model] = models;
    const memory = model ? buildMemoryInput(model) : null;
    byReference.set(reference, {
      reference: reference.text,
      model: model && memory ? planFirst(budgets, model.document, memory) : null,
      memory,
      failure: failures[0] ?? null,
      drafts,
      load: null,
    });
  }
  const measured = references.flatMap((reference) => byReference.get(reference) ?? []);
  const unjudged = buildReport([
    {
      models: measured.flatMap(({ model }) => model ?? []),
      failures: measured.flatMap(({ failure }) => failure ?? []),
    },
  ]);

  const loaded = code ? withLoads(measured, code) : measured;
  const loads = loaded.flatMap(({ load }) => load ?? []);
  const lock = update ? await updateLock({ file, cwd }, { before, report: unjudged, loads }) : before;
  const judged = judgeReferences(loaded, budgets, lock);
  const changes = [...listChanges(unjudged, before), ...listReplaced(loads, before)];
  const report = { ...unjudged, ...judged, changes, code: code?.found ?? null };
  const covered = new Set([...report.verdicts, ...report.failures].map(({ reference }) => reference));
  return { report, uncovered: references.map(({ text }) => text).filter((text) => !covered.has(text)) };
}

/** Measure the draft models that budgets name; one that cannot be measured leaves the reason. */
async function measureDrafts(
  { defaults, budgets, patterns, paths }: BudgetConfig,
  options: MeasureOptions,
): Promise<ReadonlyMap<string, DraftModel | string>> {
  const names = [defaults, ...budgets, ...patterns, ...paths].flatMap((set) => set.options.draft ?? []);
  const drafts = new Map<string, DraftModel | string>();
  for (const name of new Set(names)) {
    const { models, failures } = await measureOne(
      parseListed(name, options.sources.hub.settings.endpoint),
      options,
    );
    const [model] = models;
    const reason = failures[0]?.message ?? "it was not measured";
    drafts.set(name, model ? { ...buildMemoryInput(model), id: model.document.id } : reason);
  }
  return drafts;
}

/** Add the memory that the report shows: under the options of the first budget that limits it. */
function planFirst(budgets: BudgetConfig, model: ModelReport, input: MemoryInput): ModelReport {
  const budget = resolveBudgets(budgets, model).find(({ limits }) =>
    limits.some(({ rule }) => rule === "maxMemory"),
  );
  if (!budget) return model;
  const { speed: _, variant: __, draft: ___, ...options } = budget.options;
  return { ...model, memory: planFit(input, { ...options, devices: [], connections: [] }) };
}

/** Take the real sizes of what others have published; a search that fails is a failure of the model. */
async function takePublished<Item extends Reference | InvalidReference>(
  outcome: Outcome<Item>,
  quantizations: readonly string[],
  { sources, onBug, signal }: Omit<MeasureOptions, "quantizations" | "memory">,
): Promise<Outcome<Item>> {
  const [model, ...others] = outcome.models;
  if (!model) return outcome;
  try {
    const { takePublishedSizes } = await import("./published-sizes.ts");
    return { ...outcome, models: [await takePublishedSizes(model, quantizations, sources), ...others] };
  } catch (error) {
    signal?.throwIfAborted();
    return { ...outcome, models: [], failures: [buildFailure(outcome.reference.text, error, onBug)] };
  }
}

/** List the quantizations that budgets name. */
function listJudged({ defaults, budgets, patterns, paths }: BudgetConfig): string[] {
  return [defaults, ...budgets, ...patterns, ...paths].flatMap(({ quantization }) => quantization ?? []);
}

/** List what any budget is judged at, and what the lock file has, so that changes are found. */
function listQuantizations(
  config: BudgetConfig,
  lock: Lock | null,
  code: CheckedCode | undefined,
): Quantization[] {
  const names = [
    ...listJudged(config),
    ...(code?.loads ?? []).flatMap(({ quantization }) => quantization ?? []),
  ];
  const locked =
    lock?.models.flatMap(({ sizes }) => Object.keys(sizes)) ?? LEVEL_QUANTIZATIONS.map(({ name }) => name);
  return [...new Set([...names, ...locked])].map((name) => parseQuantization(name));
}

/** One entry per way in which code loads a model. */
function withLoads(measured: readonly MeasuredReference[], { loads }: CheckedCode): MeasuredReference[] {
  return measured.flatMap((one) =>
    loads
      .filter(({ reference }) => reference === one.reference)
      .map((load) => ({ ...one, load: { ...load, model: one.model } })),
  );
}

/**
 * Lock what was measured; a model that could not be measured keeps its old entry. Models that code names and those of the
 * config file are locked by runs of their own, which leave each other's entries.
 */
async function updateLock(
  { file, cwd }: { file: string; cwd: string },
  { before, report, loads }: { before: Lock | null; report: Report; loads: readonly CodeLoad[] },
): Promise<Lock> {
  const failed = new Set(report.failures.map(({ reference }) => reference));
  const measured = new Set(report.models.map(({ reference }) => reference));
  const isOfCode = loads.length > 0;
  const kept = (before?.models ?? []).filter(
    ({ reference, namedIn }) =>
      !measured.has(reference) && (failed.has(reference) || (namedIn !== undefined) !== isOfCode),
  );
  const { models, ...lock } = buildLock(report);
  const named = models.map((model) => {
    const namedIn = isOfCode
      ? listNamedIn(loads, model.reference)
      : before?.models.find(({ reference }) => reference === model.reference)?.namedIn;
    return namedIn ? { ...model, namedIn } : model;
  });
  const merged = { ...lock, models: [...named, ...kept].toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  await writeTextFile(file, cwd, renderLock(merged));
  return merged;
}

/** Compare each model that replaces another one in code with that one. */
function listReplaced(loads: readonly CodeLoad[], lock: Lock | null): Report["changes"] {
  if (!lock) return [];
  return loads.flatMap((load) => {
    const before = findLockedLoad(lock, load, loads);
    const isOther = before?.isReplaced && before.locked.reference !== load.reference;
    return isOther && load.model ? [compareModels(before.locked, load.model)] : [];
  });
}

function listChanges({ models }: Report, lock: Lock | null): Report["changes"] {
  return models.flatMap((model) => {
    const locked = lock?.models.find(({ reference }) => reference === model.reference);
    return locked ? [compareModels(locked, model)] : [];
  });
}
