/** Budgets as data, and which of them apply to a model. */
import { RULE_NAMES, type RuleName } from "../contract/terms.ts";
import type { Verdict } from "../contract/types.ts";
import type { Device } from "../memory/device.ts";
import type { NetworkSpeed } from "../memory/download-time.ts";
import {
  DEFAULT_GPU_MEMORY_UTILIZATION,
  DEFAULT_MEMORY_OPTIONS,
  type MemoryOptions,
} from "../memory/memory-options.ts";
import type { TrainingSetup } from "../memory/training/setup.ts";
import { matchesPath, matchesPattern } from "./pattern.ts";

export interface BudgetConfig {
  /** For every model; its own budgets and patterns come first. */
  readonly defaults: LimitSet;
  /** One model each. */
  readonly budgets: readonly ModelLimits[];
  /** Names with `*`. A later one comes before an earlier one. */
  readonly patterns: readonly ModelLimits[];
  /** Files and folders of code. A later one comes before an earlier one. */
  readonly paths: readonly PathLimits[];
}

/** The limits of models that code below a path names. */
interface PathLimits extends LimitSet {
  readonly path: string;
  /** Why the models that it names are left out; null where they are not. */
  readonly ignore: string | null;
}

/** The limits of one model, with all options filled in. */
export interface Budget extends LimitSet {
  /** The reference, as typed. */
  readonly model: string;
  readonly options: RunOptions;
}

/** The limits that one entry of a config states for a model or a pattern. */
export interface ModelLimits extends LimitSet {
  readonly model: string;
}

export interface LimitSet {
  /** The quantization of downloads and memory; null for the files as published. */
  readonly quantization: string | null;
  readonly limits: readonly Limit[];
  readonly options: Partial<RunOptions>;
}

/** How a model is run and downloaded. */
export interface RunOptions extends MemoryOptions {
  /** The reference of a draft model, whose memory is added; null without one. */
  readonly draft: string | null;
  /** Judge the memory of training; null for that of running. */
  readonly training: TrainingSetup | null;
  /** The share of each GPU of a machine that vLLM takes. */
  readonly gpuMemoryUtilization: number;
  readonly speed: NetworkSpeed | null;
  /** Words of the variant to judge, or `main` for the prediction itself; null for the largest. */
  readonly variant: string | null;
}

export const DEFAULT_RUN_OPTIONS: RunOptions = {
  ...DEFAULT_MEMORY_OPTIONS,
  speed: null,
  variant: null,
  draft: null,
  training: null,
  gpuMemoryUtilization: DEFAULT_GPU_MEMORY_UTILIZATION,
};

export interface Limit {
  readonly rule: RuleName;
  readonly limit: number;
  /** Why the limit is there, in the user's words. */
  readonly why: string | null;
  /** The device whose limit it is. */
  readonly device: string | null;
  /** Bytes recommended for the device; null without one. */
  readonly recommendedBytes: number | null;
  /** Where the config file states it; null for a flag. */
  readonly place: Verdict["limitPlace"];
  /** The device, where it is a machine that a model is split over. */
  readonly machine?: Device;
}

/**
 * Return the budgets of a model: one for each entry of its own, merged with the patterns that match and the defaults. The
 * first limit of a rule counts. Entries and patterns match the name typed and the name that the Hub answers, so that a
 * renamed model does not escape: where both names match, each is a budget and the strictest decides. `files` name it in
 * code: limits of their paths come before those of patterns.
 */
export function resolveBudgets(
  config: BudgetConfig,
  { reference, id, files = [] }: { reference: string; id: string | null; files?: readonly string[] },
): Budget[] {
  const names = [...new Set([reference, id ?? reference])];
  const own = config.budgets.filter(({ model }) =>
    names.some((name) => model.toLowerCase() === name.toLowerCase()),
  );
  const matching = names
    .map((name) => config.patterns.filter(({ model }) => matchesPattern(model, name)).toReversed())
    .filter((patterns) => patterns.length > 0);
  const paths = config.paths.filter(({ path }) => files.some((file) => matchesPath(path, file))).toReversed();
  const shared = (matching.length > 0 ? matching : [[]]).map((patterns) => [
    ...paths,
    ...patterns,
    config.defaults,
  ]);
  const sets = own.length > 0 ? own.flatMap((entry) => shared.map((set) => [entry, ...set])) : shared;
  return sets.map((set) => ({ model: reference, ...mergeLimits(set) }));
}

/** Merge sets of limits; the first limit of a rule counts, and the first value of an option. */
function mergeLimits(sets: readonly LimitSet[]): Omit<Budget, "model"> {
  const limits = sets.flatMap((set) => set.limits);
  const options = sets.map((set) => set.options).toReversed();
  return {
    quantization: sets.find(({ quantization }) => quantization !== null)?.quantization ?? null,
    limits: RULE_NAMES.flatMap((name) => limits.find(({ rule }) => rule === name) ?? []),
    options: Object.assign({ ...DEFAULT_RUN_OPTIONS }, ...options),
  };
}
