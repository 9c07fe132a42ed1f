import { parseBudgetConfig, type BudgetConfig } from "../budget/config.ts";
import { RULES } from "../budget/budget.ts";
import { isDeviceName } from "../budget/find-device.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { RULE_NAMES } from "../contract/verdicts.ts";
import type { CheckOptions } from "./commands/check.ts";
import { isBuiltIn, readOwnDevices } from "./devices.ts";
import { hasMemoryOptions } from "./memory-options.ts";

/** What a config file calls the flags that are no limits. */
const CONDITION_FLAGS = [
  ["quantization", "--quant"],
  ["bandwidth", "--bandwidth"],
] as const;

const FLAGS: ReadonlyMap<string, string> = new Map([
  ...RULE_NAMES.map((rule) => [rule, RULES[rule].flag] as const),
  ...CONDITION_FLAGS,
]);

/** Limits given as flags, which hold for every model named. Throws USAGE. */
export async function readFlagBudgets(options: CheckOptions): Promise<BudgetConfig> {
  const { limits, quant, context, batch, kvDtype, layout, bandwidth } = options;
  checkConditions(options);
  const defaults = { ...limits, quantization: quant, context, batch, kvDtype, layout, bandwidth };
  const { maxMemory = "" } = limits;
  const isOwn = isDeviceName(maxMemory) && !isBuiltIn(maxMemory);
  const devices = isOwn ? await readOwnDevices(null) : [];
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

/** A condition without the limit that it is one of was meant for something. */
export function checkConditions(options: CheckOptions): void {
  const { limits, bandwidth } = options;
  if (hasMemoryOptions(options) && limits.maxMemory === undefined)
    throw new LlmSizeError("USAGE", {
      message: "--context, --batch, --kv-dtype and --layout come with --max-memory",
      hint: "a config file has them beside its own limits",
    });
  if ((bandwidth === undefined) !== (limits.maxDownloadTime === undefined))
    throw new LlmSizeError("USAGE", {
      message: "--max-download-time and --bandwidth come together",
      hint: "as in --max-download-time 2min --bandwidth 50Mbps",
    });
}
