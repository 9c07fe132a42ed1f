/** Many models, each on a line as soon as it is measured. */
import { EXIT_CODES, type ExitCode } from "../errors.ts";
import { measureEach, type InvalidReference, type Measurement } from "../api/measure.ts";
import { renderNdjson } from "../render/json.ts";
import type { Reference } from "../source/reference.ts";
import { openResultsFile } from "../files/results-file.ts";
import type { CompareOptions } from "./commands/compare.ts";
import { describeSettings, readEarlierExit } from "./earlier-results.ts";
import { createGarbageCollector } from "./garbage.ts";
import { judgeExit, judgeExits, type Session } from "./session.ts";

/** Prints each model and keeps none: ten thousand need no more memory than a hundred. */
export async function streamModels(
  references: AsyncIterable<Reference | InvalidReference>,
  measurement: Measurement,
  options: CompareOptions,
  session: Session,
): Promise<ExitCode> {
  const { resume } = options;
  const settings = describeSettings(measurement, options);
  const results =
    resume === undefined ? null : await openResultsFile(resume, (line) => readEarlierExit(line, settings));
  const codes = new Set<ExitCode>();
  const collectGarbage = createGarbageCollector();
  let earlierFailures = 0;
  let isRead = true;
  try {
    await session.watch((hooks) =>
      measureEach(pickOpen(), { ...measurement, ...hooks }, async (outcome) => {
        codes.add(judgeExit({ ...outcome, verdicts: [] }));
        const lines = renderNdjson(outcome, results ? { settings } : {});
        await results?.add(lines);
        if (isRead && !results?.isStdout) isRead = await session.printLines(lines);
        await session.remark(outcome, options);
        collectGarbage();
      }),
    );
  } finally {
    await results?.close();
  }
  if (earlierFailures > 0)
    session.say(`error: ${earlierFailures} of these models cannot be measured; ${resume} says why`);
  return judgeExits(codes);

  /** Those that have no result yet, while anyone wants to know. */
  async function* pickOpen(): AsyncGenerator<Reference | InvalidReference> {
    for await (const reference of references) {
      if (!isRead && !results) return;
      const earlier = results?.find(reference.text);
      if (earlier === undefined) yield reference;
      else {
        codes.add(earlier);
        if (earlier !== EXIT_CODES.fine) earlierFailures++;
      }
    }
  }
}
