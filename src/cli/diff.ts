import type { Command } from "commander";
import type { ExitCode } from "../errors.ts";
import { addOutputOptions, addSourceOptions, type OutputOptions, type SourceOptions } from "./options.ts";
import type { Choose } from "./request.ts";
import type { Session } from "./session.ts";

type Options = OutputOptions & SourceOptions;

/** `llm-size diff`: what changed between two models, revisions or lock files. */
export function addDiffCommand(program: Command, choose: Choose): void {
  const command = program
    .command("diff")
    .description("compare two models, two revisions of one, or lock files")
    .argument("<before>", "a model, as for llm-size itself, or a lock file (.json)")
    .argument("<after>", "the same")
    .action((before: string, after: string, _: unknown, self: Command) => {
      choose((session) => diff(before, after, self.optsWithGlobals<Options>(), session));
    });
  addSourceOptions(addOutputOptions(command, ["text", "json"]));
}

async function diff(before: string, after: string, options: Options, session: Session): Promise<ExitCode> {
  const { runDiff } = await import("./run-diff.ts");
  return runDiff(before, after, options, session);
}
