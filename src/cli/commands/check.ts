/** `llm-size check`: budgets of flags or a config file → verdicts → exit code. */
import { InvalidArgumentError, Option } from "commander";
import { checkModels } from "../../api/check.ts";
import type { BudgetConfig } from "../../budget/budget.ts";
import type { Report } from "../../contract/types.ts";
import { EXIT_CODES, LlmSizeError } from "../../errors.ts";
import { appendTextFile, writeTextFile } from "../../files/text-file.ts";
import { renderBadge } from "../../render/badge.ts";
import { renderChanges, renderChangesMarkdown } from "../../render/changes.ts";
import { renderAnnotations, renderJunit } from "../../render/ci-reports.ts";
import { renderJson } from "../../render/json.ts";
import { DOCUMENT_FORMATS, PLAIN, type DocumentFormat, type RenderOptions } from "../../render/options.ts";
import { renderReport } from "../../render/report.ts";
import { renderLeftOut, renderLeftOutMarkdown } from "../../render/scan.ts";
import { renderVerdicts, renderVerdictsMarkdown } from "../../render/verdicts.ts";
import { addBudgetOptions, readBudgets, type BudgetOptions } from "../budget-options.ts";
import type { CliCommand } from "../command.ts";
import { getExitCode } from "../../api/exit-code.ts";
import type { CliContext } from "../context.ts";
import { addListOptions, collect, readReferences, type ListOptions } from "../list-options.ts";
import { addCommonOptions, parseValue, type CommonOptions } from "../options.ts";

type CheckRenderOptions = RenderOptions & {
  readonly hidePassed?: boolean | undefined;
  toRepositoryPath(path: string): string;
};

const RENDERERS = {
  text: ({ verdicts, changes, code }, options) =>
    [renderChanges(changes, options.units), renderVerdicts(verdicts, options), renderLeftOut(code)]
      .filter(Boolean)
      .join("\n"),
  markdown: ({ verdicts, changes, code }, options) =>
    [
      renderVerdictsMarkdown(verdicts, options),
      renderChangesMarkdown(changes, options.units),
      renderLeftOutMarkdown(code),
    ]
      .filter(Boolean)
      .join("\n\n"),
  json: (report) => renderJson(report),
  junit: ({ verdicts }, { units }) => renderJunit(verdicts, units),
  github: ({ verdicts }, options) => renderAnnotations(verdicts, options),
  badge: (report, { units }) => renderBadge(report, units),
  html: (report, options) => renderReport(report, "html", options),
} satisfies Record<string, (report: Report, options: CheckRenderOptions) => string | Promise<string>>;
type ReporterName = keyof typeof RENDERERS;
const REPORTERS = Object.keys(RENDERERS) as readonly ReporterName[];

interface Reporter {
  readonly name: ReporterName;
  /** Null for stdout. */
  readonly file: string | null;
}

interface CheckOptions extends CommonOptions<DocumentFormat>, ListOptions, BudgetOptions {
  readonly lock?: string;
  readonly update?: boolean;
  readonly published?: boolean;
  readonly hidePassed?: boolean;
  readonly reporter?: readonly Reporter[];
  readonly scan?: boolean;
  readonly all?: boolean;
}

export const definition: CliCommand<CheckOptions> = {
  addOptions(command) {
    command
      .argument("[model...]", "as for llm-size itself; left out, the models of the config file")
      .optionsGroup("Code:")
      .option("--scan", "check the models that code names; arguments are its files and folders")
      .option("--all", "also check names that are doubtful");
    addBudgetOptions(command)
      .option("--lock <file>", "lock file (default: llm-size.lock.json)", parseValue)
      .option("--published", "judge --quant as others have published it (see llm-size find)")
      .option("--hide-passed", "leave limits that passed out of text and Markdown")
      .option("--update", "write what the models measure now to the lock file")
      .addOption(
        new Option(
          "--reporter <name[:file]>",
          `print as ${REPORTERS.join(", ")}, or write it to a file; repeatable`,
        ).argParser((text, previous: readonly Reporter[] = []) => [...previous, parseReporter(text)]),
      );
    addListOptions(addCommonOptions(command, DOCUMENT_FORMATS));
  },

  commonOptions:
    "--max-size --max-params --max-memory --max-growth --quant --context --config --scan --update --reporter --json",

  examples: `
  llm-size check gemma-2b --quant int4 --max-size 1.5GB
  llm-size check gemma-2b --quant int4 --max-memory iphone-16 --context 8k
  llm-size check            budgets of llm-size.config.json or package.json
  llm-size check --update   accept the current sizes (llm-size.lock.json)
  llm-size check --scan     every model that the code here names
  llm-size check --reporter junit:report.xml --reporter text`,

  details: `

A figure equal to its limit passes. A figure that is not known never passes.
With --scan a model is judged as the code loads it, and maxGrowth compares it
with what the same file named when the lock file was written.`,

  check(_, options) {
    pickReporters(options);
    const { scan = false, all = false, from } = options;
    if (scan && from !== undefined)
      throw new LlmSizeError("USAGE", { message: "--scan conflicts with --from" });
    if (options.published && options.quant === undefined)
      throw new LlmSizeError("USAGE", {
        message: "--published needs --quant",
        hint: "as in --quant Q4_K_M --published",
      });
    if (all && !scan) throw new LlmSizeError("USAGE", { message: "--all needs --scan" });
  },

  async run(words, options, context) {
    const budgets = await readBudgets(words, options, context.system.cwd);
    const named = options.scan
      ? await readCode(words, { options, context, budgets })
      : await readNamed(words, { options, context, budgets });
    const { lock: lockFile, update, published } = options;
    const { references, sources, code } = named;
    const { report, uncovered } = await context.withProgress(
      (hooks) =>
        checkModels(references, { budgets, lockFile, update, published, code }, { sources, ...hooks }),
      references.length,
    );
    await print(report, options, context);
    await context.printNotes(report, options);
    if (uncovered.length > 0) context.log(`error: no budget covers ${uncovered.join(", ")}`);
    const exitCode = getExitCode(report);
    return exitCode === EXIT_CODES.fine && uncovered.length > 0 ? EXIT_CODES.unmeasurable : exitCode;
  },
};

interface Run {
  readonly options: CheckOptions;
  readonly context: CliContext;
  readonly budgets: BudgetConfig;
}

/** Read the models of the command line, of a list or of the config file. */
async function readNamed(words: readonly string[], { options, context, budgets }: Run) {
  const isNamed = words.length > 0 || options.from !== undefined;
  const named = isNamed ? words : [...new Set(budgets.budgets.map(({ model }) => model))];
  if (named.length === 0 && !isNamed)
    throw new LlmSizeError("USAGE", {
      message: "no model was named, neither here nor in the config file",
      hint: "llm-size check --scan finds those that code names",
    });
  const sources = await context.openSources(options);
  const references = await collect(await readReferences(named, options, { context, sources }));
  return { references, sources, code: undefined };
}

/** Find the models that code names. */
async function readCode(paths: readonly string[], { options, context, budgets }: Run) {
  const { listChecked, parseNamed, scanCode } = await import("../../api/scan.ts");
  const scan = await scanCode(paths.length > 0 ? paths : ["."], context.system.cwd);
  const code = listChecked(scan, budgets, options);
  const sources = await context.openSources(options);
  const references = [...new Set(code.loads.map(({ reference }) => reference))];
  return { references: references.map((text) => parseNamed(text, sources)), sources, code };
}

async function print(report: Report, options: CheckOptions, context: CliContext): Promise<void> {
  const { env, cwd } = context.system;
  const renderOptions = {
    ...(await context.getRenderOptions(options)),
    hidePassed: options.hidePassed,
    toRepositoryPath: context.toRepositoryPath,
  };
  const reporters = pickReporters(options);
  for (const { name, file } of reporters)
    if (file !== null)
      await writeTextFile(
        file,
        cwd,
        `${await RENDERERS[name](report, { ...renderOptions, paint: PLAIN })}\n`,
      );
  for (const { name, file } of reporters)
    if (file === null) {
      const text = await RENDERERS[name](report, renderOptions);
      if (name === "github") context.printCommands("stdout", text);
      else context.print(text);
    }
  if (env["GITHUB_ACTIONS"] !== "true") return;
  context.printCommands("stderr", RENDERERS.github(report, renderOptions));
  const summary = env["GITHUB_STEP_SUMMARY"];
  if (!summary) return;
  const failed = await appendTextFile(summary, cwd, `${RENDERERS.markdown(report, renderOptions)}\n`);
  if (failed !== null) context.log(`note: the step summary cannot be written (${failed})`);
}

/** Parse `junit` or `junit:report.xml`. */
function parseReporter(text: string): Reporter {
  const colon = text.indexOf(":");
  const name = colon === -1 ? text : text.slice(0, colon);
  const file = colon === -1 ? null : text.slice(colon + 1);
  const known = REPORTERS.find((reporter) => reporter === name);
  if (!known) throw new InvalidArgumentError(`It is one of ${REPORTERS.join(", ")}, as in junit:report.xml.`);
  if (file === "") throw new InvalidArgumentError("The file after the colon is missing.");
  return { name: known, file };
}

/** Return the reporters, with --json or --format as one on stdout. Throws USAGE where another one prints there as well. */
function pickReporters({ format, json, reporter = [] }: CheckOptions): readonly Reporter[] {
  if (format === undefined) return reporter.length > 0 ? reporter : [{ name: "text", file: null }];
  const other = reporter.find(({ name, file }) => file === null && name !== format);
  if (other) {
    const flag = json ? "--json" : `--format ${format}`;
    throw new LlmSizeError("USAGE", { message: `${flag} conflicts with --reporter ${other.name}` });
  }
  return [{ name: format, file: null }, ...reporter.filter(({ file }) => file !== null)];
}
