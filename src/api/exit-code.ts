/** The exit code of results. */
import type { Report } from "../contract/types.ts";
import { EXIT_CODES, type ExitCode } from "../errors.ts";

/** The first that applies: a bug, an exceeded budget, a Hub that did not answer, a model that cannot be measured. */
const PRECEDENCE = [
  EXIT_CODES.bug,
  EXIT_CODES.exceeded,
  EXIT_CODES.hub,
  EXIT_CODES.unmeasurable,
] as const satisfies readonly ExitCode[];

/** Combine the exit codes of several results. */
export function combineExitCodes(codes: ReadonlySet<ExitCode>): ExitCode {
  return PRECEDENCE.find((code) => codes.has(code)) ?? EXIT_CODES.fine;
}

/** Return the exit code that the program ends with for a report. */
export function getExitCode({
  failures,
  verdicts = [],
}: {
  readonly failures: Readonly<Report["failures"]>;
  readonly verdicts?: Readonly<Report["verdicts"]>;
}): ExitCode {
  const ofFailures = failures.map(({ code, retryable }) => {
    if (code === "BUG") return EXIT_CODES.bug;
    return retryable ? EXIT_CODES.hub : EXIT_CODES.unmeasurable;
  });
  return combineExitCodes(new Set([...ofFailures, ...verdicts.map(({ outcome }) => VERDICT_CODES[outcome])]));
}

const VERDICT_CODES = {
  passed: EXIT_CODES.fine,
  exceeded: EXIT_CODES.exceeded,
  unknown: EXIT_CODES.unmeasurable,
} as const;
