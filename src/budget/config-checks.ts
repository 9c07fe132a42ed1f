import { LlmSizeError } from "../errors.ts";
import { RULE_NAMES } from "../report/verdict-schema.ts";
import type { LimitSet } from "./budget.ts";
import type { ModelLimits } from "./config.ts";

const SAY_LIMITS = `set one, such as "maxDownload": "1.5GB"; there are ${RULE_NAMES.join(", ")}`;
const SAY_BANDWIDTH = 'set one beside it, such as "bandwidth": "50Mbps"';

/** A gate that judges nothing, or that has two answers, is a mistake. Throws CONFIG_INVALID. */
export function checkEntries(entries: readonly ModelLimits[], defaults: LimitSet, file: string): void {
  const invalid = (path: string, problem: string, hint: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path, problem, hint });
  const hasDefaults = defaults.limits.length > 0;
  if (!hasDefaults && entries.length === 0) throw invalid("", "it sets no limit", SAY_LIMITS);
  if (lacksBandwidth(defaults, null))
    throw invalid("defaults", "maxDownloadTime needs a bandwidth", SAY_BANDWIDTH);
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const { model, limits, quantization } = entry;
    const path = `budgets[${index}]`;
    if (!hasDefaults && limits.length === 0) throw invalid(path, `it sets no limit for ${model}`, SAY_LIMITS);
    if (lacksBandwidth(entry, defaults))
      throw invalid(path, "maxDownloadTime needs a bandwidth", SAY_BANDWIDTH);
    const key = `${model.toLowerCase()} ${quantization ?? defaults.quantization}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const problem = `${model} has a budget already, budgets[${earlier}]`;
      throw invalid(path, problem, "make them one, or give each its quantization");
    }
    seen.set(key, index);
  }
}

function lacksBandwidth({ limits, conditions }: LimitSet, defaults: LimitSet | null): boolean {
  const isTimed = limits.some(({ rule }) => rule === "maxDownloadTime");
  return isTimed && !conditions.connection && !defaults?.conditions.connection;
}
