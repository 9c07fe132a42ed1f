/** Options that set limits, and the budgets that they or the config file give. */
import type { Command } from "commander";
import { isBuiltIn, readOwnDevices } from "../api/fit.ts";
import type { BudgetConfig } from "../budget/budget.ts";
import { parseBudgetConfig } from "../budget/config.ts";
import { isDeviceName } from "../budget/find-device.ts";
import { isMachineName } from "../budget/find-machine.ts";
import { RULE_NAMES, type RuleName } from "../contract/terms.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { findBudgetConfig } from "../files/config-file.ts";
import {
  addMemoryOptions,
  addTrainingOptions,
  GPU_SHARE_HELP,
  hasMemoryOptions,
  type MemoryFlags,
  type TrainingFlags,
} from "./model-options.ts";
import { parseShare, parseValue } from "./options.ts";

/** The flag of each rule with its value, and its help text. */
const LIMIT_OPTIONS = {
  maxSize: ["--max-size <size>", "download at --quant, or as published (1.5GB)"],
  maxPublished: ["--max-published <size>", "download of the weights as published"],
  maxParams: ["--max-params <count>", "parameters (3B, 350M)"],
  maxActive: ["--max-active <count>", "parameters that one token uses"],
  maxClass: ["--max-class <class>", "size class (7B, 8x7B)"],
  maxGrowth: ["--max-growth <percent>", "growth since the lock file was written (2%)"],
  maxMemory: ["--max-memory <size>", "weights, KV cache and the rest: 8GB, or a device: iphone-16, 2x24GB"],
  maxDownloadTime: ["--max-download-time <time>", "of the weights at --bandwidth (30s, 2min)"],
} as const satisfies Record<RuleName, readonly [flag: string, description: string]>;

/** A limit has the name of its rule. */
export interface BudgetOptions
  extends MemoryFlags, TrainingFlags, Readonly<Partial<Record<RuleName, string>>> {
  readonly quant?: string;
  readonly variant?: string;
  readonly bandwidth?: string;
  readonly draft?: string;
  readonly gpuMemoryUtilization?: number;
  readonly config?: string;
}

export function addBudgetOptions(command: Command): Command {
  command.optionsGroup("Budget:");
  for (const [flag, description] of Object.values(LIMIT_OPTIONS))
    command.option(flag, description, parseValue);
  command.option("--quant <name>", "the quantization that sizes are judged at: int4, Q4_K_M …", parseValue);
  command.option(
    "--variant <words>",
    "where publishers ship several sizes, the one to judge, or main (default: the largest)",
    parseValue,
  );
  addTrainingOptions(addMemoryOptions(command, "Budget:"), "Budget:");
  return command
    .option("--draft <model>", "add the memory of a draft model", parseValue)
    .option("--gpu-memory-utilization <share>", GPU_SHARE_HELP, parseShare)
    .option("--bandwidth <speed>", "50Mbps, 6MB/s, 4g, broadband …", parseValue)
    .option("--config <file>", "config file", parseValue);
}

/** Read the budgets of the flags, or else of the config file. Throws USAGE, and CONFIG_INVALID for the file. */
export async function readBudgets(
  words: readonly string[],
  options: BudgetOptions,
  cwd: string,
): Promise<BudgetConfig> {
  const { config } = options;
  checkConditions(options);
  if (RULE_NAMES.some((rule) => options[rule] !== undefined)) {
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
  return parseBudgetConfig(found.value, found.file, { lines: found.lines });
}

/** Limits of flags hold for every model. */
async function readFlagBudgets(options: BudgetOptions, cwd: string): Promise<BudgetConfig> {
  const { quant, variant, context, batch, kvDtype, layout, bandwidth, draft, maxMemory = "" } = options;
  const { train, optimizer, rank, checkpointing, gpuMemoryUtilization } = options;
  const limits = Object.fromEntries(RULE_NAMES.map((rule) => [rule, options[rule]]));
  const defaults = { ...limits, quantization: quant, variant, context, batch, kvDtype, layout, bandwidth };
  const run = { train, optimizer, rank, checkpointing, draft, gpuMemoryUtilization };
  const isOwn = (isDeviceName(maxMemory) && !isBuiltIn(maxMemory)) || isMachineName(maxMemory);
  const devices = isOwn ? await readOwnDevices(null, cwd) : [];
  try {
    return parseBudgetConfig({ defaults: { ...defaults, ...run } }, "the command line", {
      known: devices,
    });
  } catch (error) {
    if (!isFailure(error, "CONFIG_INVALID")) throw error;
    const { path, problem, hint } = error.context;
    const key = path.slice(path.lastIndexOf(".") + 1);
    const flags = { ...LIMIT_OPTIONS, quantization: ["--quant"], bandwidth: ["--bandwidth"] };
    const flag = new Map<string, readonly string[]>(Object.entries(flags)).get(key)?.[0]?.split(" ")[0];
    throw new LlmSizeError("USAGE", {
      message: flag === undefined ? problem : `${flag}: ${problem}`,
      ...(hint && { hint }),
    });
  }
}

/** Refuse an option that only has a meaning together with a limit. */
function checkConditions(options: BudgetOptions): void {
  const { bandwidth, maxMemory, maxDownloadTime } = options;
  const { draft, train, optimizer, rank, checkpointing, gpuMemoryUtilization } = options;
  const run = [draft, train, optimizer, rank, checkpointing, gpuMemoryUtilization];
  if ((hasMemoryOptions(options) || run.some((value) => value !== undefined)) && maxMemory === undefined)
    throw new LlmSizeError("USAGE", {
      message:
        "--context, --batch, --kv-dtype, --layout, --draft, --gpu-memory-utilization and --train come with --max-memory",
      hint: "in a config file, write them next to its limits",
    });
  if (gpuMemoryUtilization !== undefined && !isMachineName(maxMemory ?? ""))
    throw new LlmSizeError("USAGE", {
      message: "--gpu-memory-utilization comes with GPUs in --max-memory",
      hint: "as in --max-memory 2x24GB --gpu-memory-utilization 0.8",
    });
  if (train !== undefined && (draft !== undefined || isMachineName(maxMemory ?? "")))
    throw new LlmSizeError("USAGE", { message: "--train is for one device, without --draft" });
  if ((bandwidth === undefined) !== (maxDownloadTime === undefined))
    throw new LlmSizeError("USAGE", {
      message: "--max-download-time and --bandwidth come together",
      hint: "as in --max-download-time 2min --bandwidth 50Mbps",
    });
}
