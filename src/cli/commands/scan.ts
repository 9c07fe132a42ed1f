/** `llm-size scan`: the models that a codebase names. */
import { measureScan, scanCode } from "../../api/scan.ts";
import { renderNotices } from "../../render/ci-reports.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import { renderScan } from "../../render/scan.ts";
import type { CliCommand } from "../command.ts";
import { addCommonOptions, type CommonOptions } from "../options.ts";

interface ScanOptions extends CommonOptions<DocumentFormat> {
  readonly all?: boolean;
}

export const definition: CliCommand<ScanOptions> = {
  addOptions(command) {
    command
      .argument("[path...]", "files and folders (default: the working directory)")
      .optionsGroup("Options:")
      .option("--all", "also measure names that are doubtful");
    addCommonOptions(command, DOCUMENT_FORMATS);
  },

  commonOptions: "--all --json --format --offline",

  examples: `
  llm-size scan                      every model that this codebase names
  llm-size scan src notebooks --json
  llm-size check --scan              gate them (see llm-size check --help)`,

  details: `

Reads JavaScript, TypeScript, Python, notebooks, YAML, TOML, JSON, .env files,
Dockerfiles, Modelfiles and shell scripts; .gitignore is respected and nothing
is run. A comment llm-size-ignore: why leaves out a line or the next one.`,

  async run(words, options, context) {
    const { env, cwd } = context.system;
    const scan = await scanCode(words.length > 0 ? words : ["."], cwd);
    const sources = await context.openSources(options);
    const report = await context.withProgress((hooks) =>
      measureScan(scan, { all: options.all }, { sources, ...hooks }),
    );
    const renderOptions = await context.getRenderOptions(options);
    if (env["GITHUB_ACTIONS"] === "true")
      context.printCommands("stderr", renderNotices(report.downloads, renderOptions.units));
    return context.finish(await renderScan(report, options.format ?? "text", renderOptions), report, options);
  },
};
