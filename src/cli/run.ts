/** Words → request → exit code. */
import { BUG_HINT, EXIT_CODES, LlmSizeError, type ExitCode } from "../errors.ts";
import type { Fetch } from "../source/hub/fetch.ts";
import { parseCommandLine } from "./program.ts";
import type { Process } from "./terminal.ts";

/** Run what the words ask for; never throws. */
export async function run(words: readonly string[], process: Process, fetch?: Fetch): Promise<ExitCode> {
  try {
    const request = await parseCommandLine(words);
    if (request.kind === "text") {
      process[request.stream].write(`${request.text}\n`);
      return request.exitCode;
    }
    const { CliContext } = await import("./context.ts");
    const context = new CliContext(process, fetch);
    const exitCode = await request.run(context);
    await context.end();
    return exitCode;
  } catch (error) {
    return reportError(error, process);
  }
}

/** Print the error that ended the program and return its exit code. A known error is a sentence, any other a bug. */
async function reportError(error: unknown, { stderr, env }: Process): Promise<ExitCode> {
  const { renderFailure } = await import("../render/messages.ts");
  const { makeSafe } = await import("../render/text.ts");
  const { choosePaint } = await import("./terminal.ts");
  const paint = await choosePaint(stderr, env, undefined);
  if (error instanceof LlmSizeError) {
    stderr.write(`${makeSafe(renderFailure(error, paint))}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`${makeSafe(stack)}\n`);
  stderr.write(`${renderFailure({ message: "unexpected error", hint: BUG_HINT }, paint)}\n`);
  return EXIT_CODES.bug;
}
