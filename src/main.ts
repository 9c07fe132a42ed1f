/** argv → request → exit code. The only file that is given the process. */
import type { Process } from "./cli/terminal.ts";
import { BUG_HINT, EXIT_CODES, LlmSizeError, type ExitCode } from "./errors.ts";
import type { Fetch } from "./source/hub/fetch.ts";
import { VERSION } from "./contract/version.ts";

/** Run the program; never throws, never exits. `fetch` replaces the network, for tests. */
export async function main(process: Process, fetch?: Fetch): Promise<ExitCode> {
  try {
    const words = process.argv.slice(2);
    if (words.length === 1 && ["-V", "--version", "version"].includes(words[0] ?? "")) {
      process.stdout.write(`${VERSION}\n`);
      return EXIT_CODES.fine;
    }
    const { parseCommandLine } = await import("./cli/program.ts");
    const request = await parseCommandLine(words);
    if (request.kind === "text") {
      process[request.stream].write(`${request.text}\n`);
      return request.exitCode;
    }
    const { CliContext } = await import("./cli/context.ts");
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
  const { renderFailure } = await import("./render/messages.ts");
  const { makeSafe } = await import("./render/text.ts");
  const { choosePaint } = await import("./cli/terminal.ts");
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
