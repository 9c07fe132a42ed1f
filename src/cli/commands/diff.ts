/** `llm-size diff`: what changed between two models, revisions or lock files. */
import { diffSides, type DiffSide } from "../../api/diff.ts";
import { renderChanges, renderChangesMarkdown } from "../../render/changes.ts";
import { renderJson } from "../../render/json.ts";
import type { CliCommand } from "../command.ts";
import { addCommonOptions, type CommonOptions } from "../options.ts";

export const definition: CliCommand<CommonOptions> = {
  addOptions(command) {
    command
      .argument("<before>", "a model, as for llm-size itself, or a lock file (.json)")
      .argument("<after>", "the same");
    addCommonOptions(command, ["text", "markdown", "json"]);
  },

  commonOptions: "--json --revision --offline",

  examples: `
  llm-size diff org/name@v1 org/name@v2
  llm-size diff llm-size.lock.json org/name
  llm-size diff old.lock.json llm-size.lock.json`,

  async run([before = "", after = ""], options, context) {
    const report = await context.withProgress(async (hooks) => {
      const sources = await context.openSources(options);
      const toSide = (text: string): DiffSide =>
        text.endsWith(".json") ? { kind: "lock", file: text } : context.parse(text, sources);
      return diffSides(toSide(before), toSide(after), { sources, ...hooks });
    });
    const { changes, failures } = report;
    const { units } = await context.getRenderOptions(options);
    const { format = "text" } = options;
    const render = format === "markdown" ? renderChangesMarkdown : renderChanges;
    const text = render(changes, units) || (failures.length === 0 ? "nothing has changed" : "");
    const printed = format === "json" ? renderJson(report) : text;
    return context.finish(printed, { models: [], failures }, options);
  },
};
