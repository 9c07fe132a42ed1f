/** The story: argv → request → report → text → exit code. */
import type { Io } from "./cli/io.ts";
import type { ExitCode } from "./errors.ts";
import type { Fetch } from "./source/hub/http-fetch.ts";
import { readVersion } from "./source/version.ts";

/** Runs the program; never throws, never exits. `fetch` is for those who want to stand between it and the network. */
export async function main(process: Io, fetch?: Fetch): Promise<ExitCode> {
  try {
    const words = process.argv.slice(2);
    if (words[0] === "-V" || words[0] === "--version") {
      process.stdout.write(`${readVersion()}\n`);
      return 0;
    }
    const { parseCommandLine } = await import("./cli/program.ts");
    const request = parseCommandLine(words);
    if (request.kind === "text") {
      process[request.stream].write(`${request.text}\n`);
      return request.exitCode;
    }
    const { startSession } = await import("./cli/session.ts");
    const session = startSession(process, fetch);
    const exitCode = await request.run(session);
    await session.end();
    return exitCode;
  } catch (error) {
    const { presentEnd } = await import("./cli/end.ts");
    return presentEnd(error, process);
  }
}
