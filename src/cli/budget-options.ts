/** Options that set limits, and the budgets that they or the config file give. */
import { Option, type Command } from "commander";
import { isBuiltIn, readOwnDevices } from "../api/fit.ts";
import { RULES } from "../budget/budget.ts";
import { parseBudgetConfig, type BudgetConfig } from "../budget/config.ts";
import { isDeviceName } from "../budget/find-device.ts";
import { RULE_NAMES, type RuleName } from "../contract/terms.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { findBudgetConfig } from "../files/config-file.ts";
import { addMemoryOptions, hasMemoryOptions, type MemoryFlags } from "./model-options.ts";
import { parseValue } from "./options.ts";

/** What follows the flag of each rule. */
const LIMIT_OPTIONS = {
  maxSize: ["<size>", "download at --quant, or as published (1.5GB)"],
  maxPublished: ["<size>", "download of the weights as published"],
  maxParams: ["<count>", "parameters (3B, 350M)"],
  maxActive: ["<count>", "parameters that one token uses"],
  maxClass: ["<class>", "size class (7B, 8x7B)"],
  maxGrowth: ["<percent>", "growth since the lock file was written (2%)"],
  maxMemory: ["<size>", "weights, KV cache and the rest: 8GB, or a device: iphone-16"],
  maxDownloadTime: ["<time>", "of the weights at --bandwidth (30s, 2min)"],
} as const satisfies Record<RuleName, readonly [value: string, description: string]>;

export interface BudgetOptions extends MemoryFlags {
  readonly limits: Readonly<Partial<Record<RuleName, string>>>;
  readonly quant?: string;
  readonly bandwidth?: string;
  readonly config?: string;
}

export function addBudgetOptions(command: Command): Command {
  command.optionsGroup("Budget:");
  for (const rule of RULE_NAMES) {
    const [value, description] = LIMIT_OPTIONS[rule];
    // Each is a key of `limits`, by the name of its rule.
    const option = new Option(`${RULES[rule].flag} ${value}`, description).argParser(parseValue);
    command.addOption(option).on(`option:${option.name()}`, (text: string) => {
      const limits = command.getOptionValue("limits") as BudgetOptions["limits"] | undefined;
      command.setOptionValue("limits", { ...limits, [rule]: text });
    });
  }
  return addMemoryOptions(
    command.addOption(
      new Option("--quant <name>", "the quantization that sizes are judged at: int4, Q4_K_M …").argParser(
        parseValue,
      ),
    ),
    "Budget:",
  )
    .addOption(new Option("--bandwidth <speed>", "50Mbps, 6MB/s, 4g, broadband …").argParser(parseValue))
    .addOption(new Option("--config <file>", "config file").argParser(parseValue));
}

/** Read the budgets of the flags, or else of the config file. Throws USAGE, and CONFIG_INVALID for the file. */
export async function readBudgets(
  words: readonly string[],
  options: BudgetOptions,
  cwd: string,
): Promise<BudgetConfig> {
  const { limits, config } = options;
  checkConditions(options);
  if (Object.keys(limits).length > 0) {
    if (config !== undefined)
      throw new LlmSizeError("USAGE", { message: "limits come from flags or from --config, not both" });
    return readFlagBudgets(options, cwd);
  }
  const found = await findBudgetConfig(config ?? null, cwd);
  if (!found)
    throw new LlmSizeError("USAGE", {
      message: words.length > 0 ? "no limit was given" : "no budget was found",
      hint: "give one, such as --max-size 1.5GB, or write llm-size.config.json",
    });
  return parseBudgetConfig(found.value, found.file);
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ...RULE_NAMES.map((rule) => [rule, RULES[rule].flag] as const),
  ["quantization", "--quant"],
  ["bandwidth", "--bandwidth"],
]);

/** Limits of flags hold for every model. */
async function readFlagBudgets(options: BudgetOptions, cwd: string): Promise<BudgetConfig> {
  const { limits, quant, context, batch, kvDtype, layout, bandwidth } = options;
  const defaults = { ...limits, quantization: quant, context, batch, kvDtype, layout, bandwidth };
  const { maxMemory = "" } = limits;
  const isOwn = isDeviceName(maxMemory) && !isBuiltIn(maxMemory);
  const devices = isOwn ? await readOwnDevices(null, cwd) : [];
  try {
    return parseBudgetConfig({ defaults }, "the command line", devices);
  } catch (error) {
    if (!isFailure(error, "CONFIG_INVALID")) throw error;
    const { path, problem, hint } = error.context;
    const flag = FLAGS.get(path.slice(path.lastIndexOf(".") + 1));
    throw new LlmSizeError("USAGE", {
      message: flag === undefined ? problem : `${flag}: ${problem}`,
      ...(hint && { hint }),
    });
  }
}

/** Refuse an option that only has a meaning together with a limit. */
function checkConditions(options: BudgetOptions): void {
  const { limits, bandwidth } = options;
  if (hasMemoryOptions(options) && limits.maxMemory === undefined)
    throw new LlmSizeError("USAGE", {
      message: "--context, --batch, --kv-dtype and --layout come with --max-memory",
      hint: "in a config file, write them next to its limits",
    });
  if ((bandwidth === undefined) !== (limits.maxDownloadTime === undefined))
    throw new LlmSizeError("USAGE", {
      message: "--max-download-time and --bandwidth come together",
      hint: "as in --max-download-time 2min --bandwidth 50Mbps",
    });
}
