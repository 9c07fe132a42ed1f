/** The gate: budgets → measurement → verdicts → exit code. */
import { compareModels } from "../../budget/changes.ts";
import { parseBudgetConfig, type BudgetConfig } from "../../budget/config.ts";
import { judgeReport } from "../../budget/judge.ts";
import { buildLock, LOCK_FILE, parseLock, renderLock, type Lock } from "../../budget/lock.ts";
import { EXIT_CODES, LlmSizeError, type ExitCode } from "../../errors.ts";
import { measureReferences } from "../../api/measure.ts";
import { LEVEL_QUANTIZATIONS } from "../../quant/levels.ts";
import { parseQuantization } from "../../quant/registry.ts";
import { renderAnnotations } from "../../render/annotations.ts";
import { renderChanges } from "../../render/changes.ts";
import { renderJson } from "../../render/json.ts";
import { renderJunit } from "../../render/junit.ts";
import { PLAIN } from "../../render/paint.ts";
import type { Look } from "../../render/render.ts";
import type { Report } from "../../contract/report.ts";
import { renderVerdictsMarkdown } from "../../render/verdicts-markdown.ts";
import { renderVerdicts } from "../../render/verdicts.ts";
import { appendTextFile, findBudgetConfig, readTextFile, writeTextFile } from "../../files/config-file.ts";
import type { CheckOptions } from "./check.ts";
import { checkConditions, readFlagBudgets } from "../flag-budgets.ts";
import { startPlanning } from "../plan-budgets.ts";
import { collect, giveListTime, listReferences } from "../references.ts";
import type { Reporter, ReporterName } from "../reporters.ts";
import { judgeExit, type Session } from "../session.ts";

export async function runCheck(
  words: readonly string[],
  options: CheckOptions,
  session: Session,
): Promise<ExitCode> {
  const config = await readBudgets(words, options);
  const isNamed = words.length > 0 || options.from !== undefined;
  const named = isNamed ? words : [...new Set(config.budgets.map(({ model }) => model))];
  if (named.length === 0 && !isNamed)
    throw new LlmSizeError("USAGE", { message: "no model was named, neither here nor in the config file" });
  const sources = await session.openSources(giveListTime(options));
  const references = await collect(await listReferences(named, options, sources, session));
  const texts = references.map(({ text }) => text);
  const lockFile = options.lock ?? LOCK_FILE;
  const before = await readLock(lockFile, options.lock !== undefined && !options.update);

  const memory = startPlanning(config);
  const report = await session.watch((hooks) =>
    measureReferences(references, {
      sources,
      quantizations: listQuantizations(config, before),
      withBase: false,
      planMemory: memory.planMemory,
      ...hooks,
    }),
  );
  const lock = options.update ? await updateLock(lockFile, before, report) : before;
  const changes = compareWithLock(report, before);
  const judged = { ...report, ...judgeReport(texts, config, report, lock, memory.planFor), changes };
  await print(judged, options, session);
  await session.remark(judged, options);
  return judgeAll(texts, judged, session);
}

/** Flags are budgets of every model named; without flags it is the config file that says. */
async function readBudgets(words: readonly string[], options: CheckOptions): Promise<BudgetConfig> {
  const { limits, config } = options;
  if (Object.keys(limits).length > 0) {
    if (config !== undefined)
      throw new LlmSizeError("USAGE", { message: "limits come from flags or from --config, not both" });
    return readFlagBudgets(options);
  }
  checkConditions(options);
  const found = await findBudgetConfig(config ?? null);
  if (!found)
    throw new LlmSizeError("USAGE", {
      message: words.length > 0 ? "no limit was given" : "no budget was found",
      hint: "give one, such as --max-size 1.5GB, or write llm-size.config.json",
    });
  return parseBudgetConfig(found.value, found.file);
}

/** All that any budget judges at, and what the lock file has, so that changes can be told. */
function listQuantizations(config: BudgetConfig, lock: Lock | null) {
  const names = [config.defaults, ...config.budgets, ...config.patterns].flatMap(
    ({ quantization }) => quantization ?? [],
  );
  const locked =
    lock?.models.flatMap(({ sizes }) => Object.keys(sizes)) ?? LEVEL_QUANTIZATIONS.map(({ name }) => name);
  return [...new Set([...names, ...locked])].map((name) => parseQuantization(name));
}

async function readLock(file: string, isNeeded: boolean): Promise<Lock | null> {
  const text = await readTextFile(file);
  if (text !== null) return parseLock(text, file);
  if (isNeeded) throw new LlmSizeError("CONFIG_INVALID", { file, path: "", problem: "it does not exist" });
  return null;
}

/** Locks what was measured; a model that could not be keeps its old entry. */
async function updateLock(file: string, before: Lock | null, report: Report): Promise<Lock> {
  const failed = new Set(report.failures.map(({ reference }) => reference));
  const kept = before?.models.filter(({ reference }) => failed.has(reference)) ?? [];
  const lock = buildLock(report);
  const merged = { ...lock, models: [...lock.models, ...kept].toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  await writeTextFile(file, renderLock(merged));
  return merged;
}

function compareWithLock({ models }: Report, lock: Lock | null): Report["changes"] {
  return models.flatMap((model) => {
    const locked = lock?.models.find(({ reference }) => reference === model.reference);
    return locked ? [compareModels(locked, model)] : [];
  });
}

const RENDERERS = {
  text: ({ verdicts, changes }, { paint, units }) =>
    [renderChanges(changes, units), renderVerdicts(verdicts, paint, units)].filter(Boolean).join("\n"),
  markdown: ({ verdicts }, { units }) => renderVerdictsMarkdown(verdicts, units),
  json: (report) => renderJson(report),
  junit: ({ verdicts }, { units }) => renderJunit(verdicts, units),
  github: ({ verdicts }, { units }) => renderAnnotations(verdicts, units),
} satisfies Record<ReporterName, (report: Report, look: Look) => string>;

async function print(report: Report, options: CheckOptions, session: Session): Promise<void> {
  const reporters: readonly Reporter[] = options.reporter ?? [{ name: options.format ?? "text", file: null }];
  const look = await session.look(options);
  for (const { name, file } of reporters) {
    if (file === null) session.print(RENDERERS[name](report, look));
    else await writeTextFile(file, `${RENDERERS[name](report, { ...look, paint: PLAIN })}\n`);
  }
  if (session.env["GITHUB_ACTIONS"] !== "true") return;
  session.say(RENDERERS.github(report, look));
  const summary = session.env["GITHUB_STEP_SUMMARY"];
  if (summary) await appendTextFile(summary, `${RENDERERS.markdown(report, look)}\n`);
}

/** A model that no budget covers was let through by nobody: at least not known, whatever else there is. */
function judgeAll(references: readonly string[], report: Report, session: Session): ExitCode {
  const judged = new Set([...report.verdicts, ...report.failures].map(({ reference }) => reference));
  const uncovered = references.filter((reference) => !judged.has(reference));
  if (uncovered.length > 0) session.say(`error: no budget covers ${uncovered.join(", ")}`);
  const code = judgeExit(report);
  return code === EXIT_CODES.fine && uncovered.length > 0 ? EXIT_CODES.unmeasurable : code;
}
