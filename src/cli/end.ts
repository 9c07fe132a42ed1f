import { BUG_HINT, EXIT_CODES, LlmSizeError, type ExitCode } from "../errors.ts";
import { renderFailure } from "../render/failures.ts";
import { choosePaint } from "./color.ts";
import type { Io } from "./io.ts";

/** Prints what ended the program early; gives the exit code. A known error is a sentence, any other a bug. */
export async function presentEnd(error: unknown, { stderr, env }: Io): Promise<ExitCode> {
  const paint = await choosePaint(stderr, env, undefined);
  if (error instanceof LlmSizeError) {
    stderr.write(`${renderFailure(error, paint)}\n`);
    return error.exitCode;
  }
  stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  stderr.write(`${renderFailure({ message: "unexpected error", hint: BUG_HINT }, paint)}\n`);
  return EXIT_CODES.bug;
}
