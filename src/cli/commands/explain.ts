import type { Command } from "commander";
import { addOutputOptions, addSourceOptions, type OutputOptions, type SourceOptions } from "../options.ts";
import type { Choose } from "../request.ts";

const FORMATS = ["text", "markdown", "json"] as const;

export type ExplainOptions = OutputOptions & SourceOptions & { readonly format?: (typeof FORMATS)[number] };

/** `llm-size explain`: where each number of one model comes from. */
export function addExplainCommand(program: Command, choose: Choose): void {
  const command = program
    .command("explain")
    .description("show where each number of a model comes from: roles, dtypes, files, what was left out")
    .argument("<model>", "as for llm-size itself")
    .action((reference: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<ExplainOptions>();
      choose(async (session) => (await import("./run-explain.ts")).runExplain(reference, options, session));
    });
  addSourceOptions(addOutputOptions(command, FORMATS));
}
