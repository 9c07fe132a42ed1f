/** argv → exit code. The only file that is given the process. */
import type { Process } from "./cli/terminal.ts";
import { VERSION } from "./contract/version.ts";
import type { ExitCode } from "./errors.ts";
import type { Fetch } from "./source/hub/fetch.ts";

/** Run the program; never throws, never exits. `fetch` replaces the network, for tests. */
export async function main(process: Process, fetch?: Fetch): Promise<ExitCode> {
  const words = process.argv.slice(2);
  if (words.length === 1 && ["-V", "--version", "version"].includes(words[0] ?? "")) {
    process.stdout.write(`${VERSION}\n`);
    return 0; // the table of exit codes is not loaded for this
  }
  const { run } = await import("./cli/run.ts");
  return run(words, process, fetch);
}
