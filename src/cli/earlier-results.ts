/** Which results of earlier runs a resumed run goes by. */
import { isDeepStrictEqual } from "node:util";
import { EXIT_CODES, type ErrorCode, type ExitCode } from "../errors.ts";
import type { Measurement } from "../api/measure.ts";
import type { JsonObject } from "../format/config.ts";
import type { CompareOptions } from "./commands/compare.ts";
import { hasMemoryOptions, readConditions } from "./memory-options.ts";

/** All that a result depends on beside its reference; stands in each line, so that runs with others are told apart. */
export function describeSettings({ sources, quantizations, withBase }: Measurement, options: CompareOptions) {
  const { imatrix = null, separateHead = null, headBits = null } = options;
  const { endpoint, offline } = sources.hub.settings;
  return {
    endpoint,
    offline,
    revision: sources.revision,
    quantizations: quantizations.map(({ name }) => name),
    imatrix,
    separateHead,
    headBits,
    base: withBase,
    memory: hasMemoryOptions(options) ? readConditions(options) : null,
  };
}

export type RunSettings = ReturnType<typeof describeSettings>;

/** Failures that neither time, nor a token, nor a file on this disk mends. All others are tried again. */
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

/** The exit code a line led to; null for what is to be tried again, undefined where the settings were others. */
export function readEarlierExit(line: JsonObject, settings: RunSettings): ExitCode | null | undefined {
  if (!isDeepStrictEqual(line["settings"], settings)) return undefined;
  if (line["code"] === undefined) return EXIT_CODES.fine;
  return FINAL.has(line["code"]) ? EXIT_CODES.unmeasurable : null;
}
