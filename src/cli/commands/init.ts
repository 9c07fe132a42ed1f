/** `llm-size init`: models → a first config file for `check`. */
import { basename } from "node:path";
import { proposeConfig } from "../../api/init.ts";
import { parseQuantity } from "../../contract/quantities.ts";
import { isFailure, LlmSizeError } from "../../errors.ts";
import { findBudgetConfig } from "../../files/config-file.ts";
import { createTextFile, refuseExisting, writeTextFile } from "../../files/text-file.ts";
import { parseQuantization } from "../../quant/registry.ts";
import { uniqueQuantizations } from "../../quant/quantization.ts";
import { renderProposal } from "../../render/init.ts";
import type { CliCommand } from "../command.ts";
import { collect, readReferences, type ListOptions } from "../list-options.ts";
import {
  addCommonOptions,
  parseNames,
  parseQuantityOption,
  parseValue,
  type CommonOptions,
} from "../options.ts";

const FILE = "llm-size.config.json";
const HEADROOM = "10%";

interface InitOptions extends CommonOptions<"text" | "json">, Pick<ListOptions, "from"> {
  readonly quant?: readonly string[];
  /** In percent. */
  readonly headroom?: number;
  readonly config?: string;
  readonly force?: boolean;
}

export const definition: CliCommand<InitOptions> = {
  addOptions(command) {
    command
      .argument("[model...]", "as for llm-size itself")
      .optionsGroup("Budget:")
      .option("--quant <names>", "a budget for each: int4, Q4_K_M … (default: as published)", parseNames)
      .option(
        "--headroom <percent>",
        `how far limits are above today's sizes (default: ${HEADROOM})`,
        parseQuantityOption("percent"),
      )
      .option("--config <file>", `file to write (default: ${FILE})`, parseValue)
      .option("--force", "overwrite the file")
      .option("--from <file>", "read models from a file, one per line; - is standard input", parseValue);
    addCommonOptions(command, ["text", "json"]);
  },

  commonOptions: "--quant --headroom --config --force --from --json --offline",

  examples: `
  llm-size init gemma-2b distilbert-sst2 --quant int4
  llm-size init org/name@main --headroom 2%
  llm-size init --from models.txt --quant Q4_K_M,onnx:q4f16 --force
  llm-size init gemma-2b --json             print the config, write no file`,

  details: `

Writes maxSize for each model: its download today plus the headroom, rounded up.
Where publishers ship several sizes, the largest counts. Nothing is written
where the size of a model is unknown or in doubt. More limits, such as
maxMemory, are in docs/ci.md.`,

  check(words, { from, config = FILE, revision }) {
    if (revision !== undefined)
      throw new LlmSizeError("USAGE", {
        message: "--revision would not be in the config",
        hint: "name it with the model, as in org/name@revision",
      });
    if (words.length === 0 && from === undefined)
      throw new LlmSizeError("USAGE", {
        message: "no model was named",
        hint: "as in llm-size init gemma-2b; llm-size scan finds those that code names",
      });
    if (!config.endsWith(".json") || basename(config) === "package.json")
      throw new LlmSizeError("USAGE", {
        message: `--config: ${config} is not a JSON file of its own`,
        hint: `as in --config ${FILE}`,
      });
  },

  async run(words, options, context) {
    const { headroom = parseQuantity(HEADROOM, "percent"), config: file = FILE, force = false } = options;
    const { cwd } = context.system;
    if (!options.json) await refuseOthers(options, cwd);
    const quantizations = uniqueQuantizations((options.quant ?? []).map((name) => parseQuantization(name)));
    const sources = await context.openSources(options);
    const listed = await collect(await readReferences(words, options, { context, sources }));
    // A config has one budget per model and quantization, whatever the case of its name.
    const references = [...new Map(listed.map((one) => [one.text.toLowerCase(), one])).values()];
    const proposal = await context.withProgress(
      (hooks) => proposeConfig(references, headroom, { sources, quantizations, ...hooks }),
      references.length,
    );
    const text = JSON.stringify(proposal.config, null, 2);
    if (options.json) return context.finish(text, proposal, options);
    if (proposal.failures.length > 0) {
      const exitCode = await context.finish("", proposal, options);
      context.log(`note: ${file} was not written`);
      return exitCode;
    }
    await (force ? writeTextFile : createTextFile)(file, cwd, `${text}\n`);
    const quoted = /^[\w./-]+$/.test(file) ? file : `"${file}"`;
    const next = `llm-size check${options.config === undefined ? "" : ` --config ${quoted}`}`;
    const renderOptions = await context.getRenderOptions(options);
    const written = await renderProposal(proposal.budgets, { file, next }, renderOptions);
    return context.finish(written, proposal, options);
  },
};

/** Refuse to overwrite a file, and to write one in place of the config that `check` reads here. Throws USAGE. */
async function refuseOthers({ config, force = false }: InitOptions, cwd: string): Promise<void> {
  if (!force) await refuseExisting(config ?? FILE, cwd);
  if (config !== undefined) return;
  const found = await findBudgetConfig(null, cwd).catch((error: unknown) => {
    if (force && isFailure(error, "CONFIG_INVALID")) return null; // it may be the file to overwrite
    throw error;
  });
  // check reads package.json first.
  if (!found || (force && found.file !== "package.json")) return;
  throw new LlmSizeError("USAGE", {
    message: `${found.file} already has budgets for this folder`,
    hint: `add to it, or use --config <file>${found.file === "package.json" ? "" : " or --force"}`,
  });
}
