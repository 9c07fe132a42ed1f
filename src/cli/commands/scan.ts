/** `llm-size scan`: the models that a codebase names. */
import { measureScan, scanCode } from "../../api/scan.ts";
import { LlmSizeError } from "../../errors.ts";
import { renderNotices } from "../../render/ci-reports.ts";
import { DOCUMENT_FORMATS, type DocumentFormat } from "../../render/options.ts";
import { renderSbom } from "../../render/sbom.ts";
import { renderScan } from "../../render/scan.ts";
import type { CliCommand } from "../command.ts";
import { addCommonOptions, type CommonOptions } from "../options.ts";

interface ScanOptions extends CommonOptions<DocumentFormat> {
  readonly all?: boolean;
  readonly sbom?: boolean;
}

export const definition: CliCommand<ScanOptions> = {
  addOptions(command) {
    command
      .argument("[path...]", "files and folders (default: the working directory)")
      .optionsGroup("Options:")
      .option("--all", "also measure names that are doubtful")
      .option("--sbom", "print an ML-BOM: CycloneDX 1.6 in JSON");
    addCommonOptions(command, DOCUMENT_FORMATS);
  },

  commonOptions: "--all --sbom --json --format --offline",

  examples: `
  llm-size scan                 every model that this codebase names
  llm-size scan src notebooks --json
  llm-size scan --sbom > x.json the same with commits and hashes (CycloneDX)
  llm-size check --scan         gate them (see llm-size check --help)`,

  details: `

Reads JavaScript, TypeScript, Python, notebooks, YAML, TOML, JSON, .env files,
Dockerfiles, Modelfiles and shell scripts; .gitignore is respected and nothing
is run. A comment llm-size-ignore: why leaves out a line or the next one.`,

  check(_, { sbom = false, json = false, format }) {
    if (sbom && format !== undefined)
      throw new LlmSizeError("USAGE", {
        message: `--sbom conflicts with ${json ? "--json" : `--format ${format}`}`,
      });
  },

  async run(words, options, context) {
    const { env, cwd } = context.system;
    const { toRepositoryPath } = context;
    const scan = await scanCode(words.length > 0 ? words : ["."], cwd);
    const sources = await context.openSources(options);
    const report = await context.withProgress((hooks) =>
      measureScan(scan, { all: options.all }, { sources, ...hooks }),
    );
    const renderOptions = await context.getRenderOptions(options);
    if (env["GITHUB_ACTIONS"] === "true")
      context.printCommands(
        "stderr",
        renderNotices(report.downloads, { ...renderOptions, toRepositoryPath }),
      );
    const text = options.sbom
      ? renderSbom(report)
      : await renderScan(report, options.format ?? "text", renderOptions);
    return context.finish(text, report, options);
  },
};
