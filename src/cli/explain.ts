import type { Command } from "commander";
import type { ExitCode } from "../errors.ts";
import { addOutputOptions, addSourceOptions, type OutputOptions, type SourceOptions } from "./options.ts";
import type { Choose } from "./request.ts";
import type { Session } from "./session.ts";

const FORMATS = ["text", "markdown", "json"] as const;

type Options = OutputOptions & SourceOptions & { readonly format?: (typeof FORMATS)[number] };

/** `llm-size explain`: where each number of one model comes from. */
export function addExplainCommand(program: Command, choose: Choose): void {
  const command = program
    .command("explain")
    .description("show where each number of a model comes from: roles, dtypes, files, what was left out")
    .argument("<model>", "as for llm-size itself")
    .action((reference: string, _: unknown, self: Command) => {
      choose((session) => explain(reference, self.optsWithGlobals<Options>(), session));
    });
  addSourceOptions(addOutputOptions(command, FORMATS));
}

async function explain(text: string, options: Options, session: Session): Promise<ExitCode> {
  const [{ explainReference }, { renderExplanation }, { judgeExit }] = await Promise.all([
    import("../explain.ts"),
    import("../report/explanation.ts"),
    import("./session.ts"),
  ]);
  const sources = await session.openSources(options);
  const reference = session.parse(text, sources);
  const explanation = await session.watch((hooks) => explainReference(reference, sources, hooks));
  session.print(renderExplanation(explanation, options.format ?? "text", await session.look(options)));
  const { model, failures } = explanation;
  await session.remark({ models: model ? [model] : [], failures }, options);
  return judgeExit({ failures, verdicts: [] });
}
