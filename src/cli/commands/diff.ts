import type { Command } from "commander";
import { addOutputOptions, addSourceOptions, type OutputOptions, type SourceOptions } from "../options.ts";
import type { Choose } from "../request.ts";

type Options = OutputOptions & SourceOptions;

/** `llm-size diff`: what changed between two models, revisions or lock files. */
export function addDiffCommand(program: Command, choose: Choose): void {
  const command = program
    .command("diff")
    .description("compare two models, two revisions of one, or lock files")
    .argument("<before>", "a model, as for llm-size itself, or a lock file (.json)")
    .argument("<after>", "the same")
    .action((before: string, after: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      choose(async (session) => (await import("./run-diff.ts")).runDiff(before, after, options, session));
    });
  addSourceOptions(addOutputOptions(command, ["text", "json"]));
}
