import { LlmSizeError, type ExitCode } from "../errors.ts";
import {
  measureEach,
  measureReferences,
  type InvalidReference,
  type Measurement,
  type PlanMemory,
} from "../measure.ts";
import { isObject, type JsonObject } from "../model/config.ts";
import { renderNdjson } from "../report/json.ts";
import { renderReport } from "../report/render.ts";
import type { Sources } from "../source/open.ts";
import type { Reference } from "../source/reference.ts";
import { openResultsFile } from "../source/results-file.ts";
import type { CompareOptions } from "./compare.ts";
import { createGarbageCollector } from "./garbage.ts";
import { hasMemoryOptions, readConditions, type MemoryOptions } from "./memory-options.ts";
import { chooseQuantizations } from "./quantizations.ts";
import { collect, giveListTime, listReferences } from "./references.ts";
import { judgeExit, judgeExits, type Session } from "./session.ts";

/** Measures models and prints them side by side, or each on a line as soon as it is measured. */
export async function runCompare(
  words: readonly string[],
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const sources = await session.openSources(giveListTime(options));
  for (const word of words) session.parse(word, sources); // a typing error ends it before anything is asked
  const texts = await listReferences(words, options, session);
  const references = parseEach(texts, sources, session);
  const measurement = {
    sources,
    ...(await chooseQuantizations(options)),
    withBase: options.base ?? true,
    ...(hasMemoryOptions(options) && { planMemory: await preparePlan(options) }),
  };
  if (options.format === "ndjson") return stream(references, measurement, options, session);

  const report = await session.watch(async (hooks) =>
    measureReferences(await collect(references), { ...measurement, ...hooks }),
  );
  session.print(await renderReport(report, options.format ?? "text", await session.look(options)));
  await session.remark(report, options);
  return judgeExit(report);
}

/** How caches are described is loaded only where a context is asked for. */
async function preparePlan(options: MemoryOptions): Promise<PlanMemory> {
  const { planMemory } = await import("../fit/memory-plan.ts");
  const request = { ...readConditions(options), devices: [], connections: [] };
  return (subject) => planMemory(subject, request);
}

type Item = Reference | InvalidReference;

/** A line of a list that names no model costs only itself. */
async function* parseEach(
  texts: AsyncIterable<string>,
  sources: Sources,
  session: Session,
): AsyncGenerator<Item> {
  for await (const text of texts) {
    try {
      yield session.parse(text, sources);
    } catch (error) {
      if (!(error instanceof LlmSizeError)) throw error;
      yield { kind: "invalid", text, error };
    }
  }
}

/** Prints each model as soon as it is measured, and keeps none: ten thousand need no more memory than a hundred. */
async function stream(
  references: AsyncIterable<Item>,
  measurement: Measurement,
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const { resume } = options;
  const names = measurement.quantizations.map(({ name }) => name);
  const results =
    resume === undefined ? null : await openResultsFile(resume, (line) => isDone(line, names, options));
  const codes = new Set<ExitCode>();
  const collectGarbage = createGarbageCollector();
  let isRead = true;
  await session.watch((hooks) =>
    measureEach(pickOpen(), { ...measurement, ...hooks }, async (outcome) => {
      codes.add(judgeExit({ ...outcome, verdicts: [] }));
      const lines = renderNdjson(outcome);
      await results?.add(lines);
      if (isRead && !results?.isStdout) isRead = await session.printLines(lines);
      await session.remark(outcome, options);
      collectGarbage();
    }),
  );
  await results?.close();
  return judgeExits(codes);

  /** Those that have no result yet, while anyone wants to know. */
  async function* pickOpen(): AsyncGenerator<Item> {
    for await (const reference of references) {
      if (!isRead && !results) return;
      if (!results?.has(reference.text)) yield reference;
    }
  }
}

/** What would come out the same; a failure that may pass is tried again. */
function isDone(line: JsonObject, quantizations: readonly string[], options: MemoryOptions): boolean {
  if (typeof line["code"] === "string") return line["retryable"] === false && line["code"] !== "BUG";
  if (hasMemoryOptions(options) && !isPlanned(line["memory"], options)) return false;
  const sizes = Array.isArray(line["sizes"]) ? line["sizes"].filter(isObject) : [];
  return (
    sizes.length === quantizations.length &&
    sizes.every((size, index) => size["quantization"] === quantizations[index])
  );
}

function isPlanned(memory: unknown, options: MemoryOptions): boolean {
  return (
    isObject(memory) &&
    Object.entries(readConditions(options)).every(([condition, value]) => memory[condition] === value)
  );
}
