/** `llm-size list`: the models that work without a network. */
import { startReport } from "../../api/measure.ts";
import { renderCatalog } from "../../render/catalog.ts";
import { listCatalog } from "../../source/catalog/catalog.ts";
import type { CliCommand } from "../command.ts";
import { addOutputOptions, type OutputOptions } from "../options.ts";

const FORMATS = ["text", "markdown", "csv", "json"] as const;

export const definition: CliCommand<OutputOptions<(typeof FORMATS)[number]>> = {
  addOptions: (command) => void addOutputOptions(command, FORMATS),

  commonOptions: "--json --format",

  examples: `
  llm-size list
  llm-size list --json`,

  async run(_, options, context) {
    const renderOptions = await context.getRenderOptions(options);
    const list = { ...startReport(), models: listCatalog() };
    context.print(await renderCatalog(list, options.format ?? "text", renderOptions));
    return 0;
  },
};
