/** Many models, each on a line as soon as it is measured. */
import type { ExitCode } from "../errors.ts";
import { measureEach, type InvalidReference, type Measurement } from "../measure.ts";
import { isObject, type JsonObject } from "../model/config.ts";
import { renderNdjson } from "../report/json.ts";
import type { Reference } from "../source/reference.ts";
import { openResultsFile } from "../source/results-file.ts";
import type { CompareOptions } from "./compare.ts";
import { createGarbageCollector } from "./garbage.ts";
import { hasMemoryOptions, readConditions, type MemoryOptions } from "./memory-options.ts";
import { judgeExit, judgeExits, type Session } from "./session.ts";

/** Prints each model and keeps none: ten thousand need no more memory than a hundred. */
export async function streamModels(
  references: AsyncIterable<Reference | InvalidReference>,
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
  async function* pickOpen(): AsyncGenerator<Reference | InvalidReference> {
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
