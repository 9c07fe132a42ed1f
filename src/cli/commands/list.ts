import type { Command } from "commander";
import type { ExitCode } from "../../errors.ts";
import { addOutputOptions, type OutputOptions } from "../options.ts";
import type { Choose } from "../request.ts";
import type { Session } from "../session.ts";

/** `llm-size list`: the models that work without a network. */
export function addListCommand(program: Command, choose: Choose): void {
  const command = program
    .command("list")
    .description("list the built-in models, which work without a network")
    .action((_: unknown, self: Command) => choose((session) => listModels(self.optsWithGlobals(), session)));
  addOutputOptions(command, ["text", "markdown", "csv", "json"]);
}

async function listModels(
  options: OutputOptions & { format?: "text" | "markdown" | "csv" | "json" },
  session: Session,
): Promise<ExitCode> {
  const { listCatalog } = await import("../../source/catalog/catalog.ts");
  const { renderCatalog } = await import("../../render/catalog-list.ts");
  session.print(renderCatalog(listCatalog(), options.format ?? "text", await session.look(options)));
  return 0;
}
