/** The parts of a command. Each command is one file of commands/, loaded only when it is called. */
import type { Command } from "commander";
import type { ExitCode } from "../errors.ts";
import type { CliContext } from "./context.ts";

export interface CliCommand<Options extends object = object> {
  addOptions(command: Command): void;
  /** The options that `-h` shows; `--help` shows all. */
  readonly commonOptions: string;
  readonly examples: string;
  /** More help, for `--help` alone. */
  readonly details?: string;
  /** Check what commander cannot, before anything is loaded. Throws USAGE. */
  check?(words: readonly string[], options: Options): void;
  run(words: readonly string[], options: Options, context: CliContext): Promise<ExitCode>;
}
