/** Many models, each printed on a line once it is measured; a resumed run skips those that its file has. */
import { isDeepStrictEqual } from "node:util";
import type { MeasureOptions } from "../api/measure-options.ts";
import { measureDocuments } from "../api/documents.ts";
import { measureEach } from "../api/measure.ts";
import { EXIT_CODES, type ErrorCode, type ExitCode } from "../errors.ts";
import { openResultsFile } from "../files/results-file.ts";
import type { JsonObject } from "../format/config.ts";
import { renderNdjson } from "../render/json.ts";
import type { InvalidReference, Reference } from "../source/reference.ts";
import { combineExitCodes, getExitCode } from "../api/exit-code.ts";
import type { CliContext } from "./context.ts";
import type { QuantizationOptions } from "./model-options.ts";
import type { OutputOptions } from "./options.ts";

type NdjsonOptions = OutputOptions & QuantizationOptions & { readonly resume?: string };

/** Print each model and keep none: ten thousand need no more memory than a hundred. */
export async function printEach(
  references: Iterable<Reference | InvalidReference> | AsyncIterable<Reference | InvalidReference>,
  measure: MeasureOptions,
  { options, context }: { options: NdjsonOptions; context: CliContext },
): Promise<ExitCode> {
  const { resume } = options;
  const settings = buildSettings(measure, options);
  const { stdoutFd, system } = context;
  const results =
    resume === undefined
      ? null
      : await openResultsFile(resume, { cwd: system.cwd, stdoutFd }, (line) =>
          readEarlierExit(line, settings),
        );
  const codes = new Set<ExitCode>();
  let earlierFailures = 0;
  let isRead = true;
  try {
    await context.withProgress(async (hooks) => {
      const measureNext = (reference: Reference | InvalidReference) =>
        measureDocuments(reference, { ...measure, ...hooks });
      for await (const documents of measureEach(pickOpen(), measureNext)) {
        codes.add(getExitCode(documents));
        const lines = renderNdjson(documents, results ? { settings } : {});
        await results?.add(lines);
        if (isRead && !results?.isStdout) isRead = await context.printLines(lines);
        await context.printNotes(documents, options);
      }
    });
  } finally {
    await results?.close();
  }
  if (earlierFailures > 0)
    context.log(
      `error: ${earlierFailures} of these models cannot be measured; see ${resume} for the reasons`,
    );
  return combineExitCodes(codes);

  /** Models without a result, as long as anyone reads them. */
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

/** Build everything that a result depends on but its reference. It is in each line: results of other settings are not reused. */
function buildSettings(
  { sources, quantizations, withBase, memory }: MeasureOptions,
  { imatrix, separateHead, headBits }: NdjsonOptions,
) {
  const { endpoint, registry, offline } = sources.hub.settings;
  return {
    endpoint,
    registry,
    offline,
    revision: sources.revision,
    quantizations: quantizations.map(({ name }) => name),
    imatrix: imatrix ?? null,
    separateHead: separateHead ?? null,
    headBits: headBits ?? null,
    base: withBase,
    memory: memory ?? null,
  };
}

/** Failures that neither time, nor a token, nor a file on this disk resolves. All others are tried again. */
const FINAL: ReadonlySet<unknown> = new Set<ErrorCode>([
  "INVALID_REFERENCE",
  "MODEL_AMBIGUOUS",
  "MODEL_DISABLED",
  "REVISION_NOT_FOUND",
  "FILE_NOT_FOUND",
  "NO_WEIGHTS",
  "MALFORMED_WEIGHTS",
  "INCOMPLETE_WEIGHTS",
]);

/** Return the exit code of an earlier result; null to try again, undefined for a result of other settings. */
function readEarlierExit(
  line: JsonObject,
  settings: ReturnType<typeof buildSettings>,
): ExitCode | null | undefined {
  if (!isDeepStrictEqual(line["settings"], settings)) return undefined;
  if (line["code"] === undefined) return EXIT_CODES.fine;
  return FINAL.has(line["code"]) ? EXIT_CODES.unmeasurable : null;
}
