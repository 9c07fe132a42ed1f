/** Mistakes that show only when a whole config has been read. */
import { RULE_NAMES, type RuleName } from "../contract/terms.ts";
import { LlmSizeError } from "../errors.ts";
import {
  DEFAULT_RUN_OPTIONS,
  type BudgetConfig,
  type LimitSet,
  type ModelLimits,
  type RunOptions,
} from "./budget.ts";
import { isPattern } from "./pattern.ts";

const LIMIT_HINT = `set one, such as "maxSize": "1.5GB"; the limits are ${RULE_NAMES.join(", ")}`;

/** The limit that each option belongs to. */
const OPTION_RULES = {
  context: "maxMemory",
  batch: "maxMemory",
  kvDtype: "maxMemory",
  layout: "maxMemory",
  draft: "maxMemory",
  training: "maxMemory",
  gpuMemoryUtilization: "maxMemory",
  speed: "maxDownloadTime",
} as const satisfies Record<Exclude<keyof RunOptions, "variant">, RuleName>;

/** Refuse a config without limits, an option without its limit, and two budgets of the same. Throws CONFIG_INVALID. */
export function checkEntries(
  entries: readonly ModelLimits[],
  { defaults, paths }: Pick<BudgetConfig, "defaults" | "paths">,
  file: string,
): void {
  const invalid = (path: string, problem: string, hint: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path, problem, hint });
  const hasDefaults = defaults.limits.length > 0;
  if (!hasDefaults && entries.length + paths.length === 0) throw invalid("", "no limit is set", LIMIT_HINT);
  const patterns = entries.filter(({ model }) => isPattern(model));
  const sets = [
    { path: "defaults", set: defaults, related: [defaults, ...entries, ...paths] },
    ...entries.map((set, index) => ({
      path: `budgets[${index}]`,
      set,
      // Its options also hold for limits of the defaults and of patterns.
      related: [set, defaults, ...patterns],
    })),
    ...paths.map((set, index) => ({ path: `paths[${index}]`, set, related: [set, defaults, ...entries] })),
  ];
  for (const { path, set, related } of sets) {
    if (hasRule(set, "maxDownloadTime") && !set.options.speed && !defaults.options.speed)
      throw invalid(path, "maxDownloadTime needs a bandwidth", 'add one, such as "bandwidth": "50Mbps"');
    for (const [option, rule] of Object.entries(OPTION_RULES)) {
      if (!(option in set.options) || related.some((other) => hasRule(other, rule))) continue;
      const key = option === "speed" ? "bandwidth" : option;
      const example = rule === "maxMemory" ? '"maxMemory": "8GB"' : '"maxDownloadTime": "2min"';
      throw invalid(path, `${key} needs ${rule}`, `add one, such as ${example}`);
    }
    const isShared = related.some(({ limits }) =>
      limits.some(({ machine }) => machine?.machine?.gpus.length),
    );
    if ("gpuMemoryUtilization" in set.options && !isShared)
      throw invalid(path, "gpuMemoryUtilization needs a maxMemory of GPUs", 'such as "maxMemory": "2x24GB"');
  }

  for (const [index, { limits, ignore }] of paths.entries())
    if (!hasDefaults && limits.length === 0 && ignore === null)
      throw invalid(`paths[${index}]`, "no limit is set", LIMIT_HINT);

  const seen = new Map<string, number>();
  for (const [index, { model, limits, quantization, options }] of entries.entries()) {
    const path = `budgets[${index}]`;
    if (!hasDefaults && limits.length === 0) throw invalid(path, `no limit is set for ${model}`, LIMIT_HINT);
    const { speed, ...memory } = { ...DEFAULT_RUN_OPTIONS, ...defaults.options, ...options };
    const name = quantization ?? defaults.quantization;
    const key = JSON.stringify([model.toLowerCase(), name, memory, speed?.bitsPerSecond]);
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const problem = `${model} already has a budget, budgets[${earlier}]`;
      throw invalid(path, problem, "merge them, or give each its own quantization or context");
    }
    seen.set(key, index);
  }
}

function hasRule({ limits }: LimitSet, wanted: RuleName): boolean {
  return limits.some(({ rule }) => rule === wanted);
}
