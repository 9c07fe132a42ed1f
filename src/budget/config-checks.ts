import { LlmSizeError } from "../errors.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../memory/memory-options.ts";
import { RULE_NAMES, type RuleName } from "../contract/terms.ts";
import type { LimitSet } from "./budget.ts";
import type { ModelLimits } from "./config.ts";
import { isPattern } from "./pattern.ts";

const SAY_LIMITS = `set one, such as "maxSize": "1.5GB"; there are ${RULE_NAMES.join(", ")}`;
const SAY_BANDWIDTH = 'set one beside it, such as "bandwidth": "50Mbps"';

/** A gate that judges nothing, or that has two answers, is a mistake. Throws CONFIG_INVALID. */
export function checkEntries(entries: readonly ModelLimits[], defaults: LimitSet, file: string): void {
  const invalid = (path: string, problem: string, hint: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path, problem, hint });
  const hasDefaults = defaults.limits.length > 0;
  if (!hasDefaults && entries.length === 0) throw invalid("", "it sets no limit", SAY_LIMITS);
  if (lacksBandwidth(defaults, null))
    throw invalid("defaults", "maxDownloadTime needs a bandwidth", SAY_BANDWIDTH);
  checkConditions(entries, defaults, invalid);
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const { model, limits, quantization, conditions } = entry;
    const path = `budgets[${index}]`;
    if (!hasDefaults && limits.length === 0) throw invalid(path, `it sets no limit for ${model}`, SAY_LIMITS);
    if (lacksBandwidth(entry, defaults))
      throw invalid(path, "maxDownloadTime needs a bandwidth", SAY_BANDWIDTH);
    const { connection, ...memory } = { ...defaults.conditions, ...conditions };
    const key = JSON.stringify([
      model.toLowerCase(),
      quantization ?? defaults.quantization,
      { ...DEFAULT_MEMORY_OPTIONS, ...memory },
      connection?.bitsPerSecond,
    ]);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const problem = `${model} has a budget already, budgets[${earlier}]`;
      throw invalid(path, problem, "make them one, or give each its quantization or its context");
    }
    seen.set(key, index);
  }
}

/** A condition without the limit that it is one of was meant for something. A pattern or another budget may have it. */
function checkConditions(
  entries: readonly ModelLimits[],
  defaults: LimitSet,
  invalid: (path: string, problem: string, hint: string) => LlmSizeError,
): void {
  const sets = [defaults, ...entries];
  for (const [index, set] of sets.entries()) {
    const { connection, ...memory } = set.conditions;
    // What defaults say is for any budget; what a budget says is for its own limits and those below it.
    const own = index === 0 ? sets : [set, defaults, ...entries.filter(({ model }) => isPattern(model))];
    const has = (wanted: RuleName) => own.some(({ limits }) => limits.some(({ rule }) => rule === wanted));
    const path = index === 0 ? "defaults" : `budgets[${index - 1}]`;
    const [key] = Object.keys(memory);
    if (key !== undefined && !has("maxMemory"))
      throw invalid(path, `${key} comes with maxMemory`, 'set one beside it, such as "maxMemory": "8GB"');
    if (connection && !has("maxDownloadTime"))
      throw invalid(
        path,
        "bandwidth comes with maxDownloadTime",
        'set one, such as "maxDownloadTime": "2min"',
      );
  }
}

function lacksBandwidth({ limits, conditions }: LimitSet, defaults: LimitSet | null): boolean {
  const isTimed = limits.some(({ rule }) => rule === "maxDownloadTime");
  return isTimed && !conditions.connection && !defaults?.conditions.connection;
}
