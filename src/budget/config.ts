/** The config file: budgets as people write them. */
import * as z from "zod";
import { isFailure, LlmSizeError } from "../errors.ts";
import { parseQuantization } from "../quant/registry.ts";
import { RULE_NAMES, type RuleName } from "../report/verdict-schema.ts";
import { RULES, type Budget, type Limit } from "./budget.ts";
import { describeIssue } from "./config-issues.ts";
import { listLimitForms, parseLimit } from "./limits.ts";
import { isPattern, matchesPattern } from "./pattern.ts";

export interface BudgetConfig {
  /** For every model, below what its own budget and the patterns say. */
  readonly defaults: LimitSet;
  /** One model each. */
  readonly budgets: readonly ModelLimits[];
  /** Models whose id fits a name with `*`; a later one goes before an earlier one. */
  readonly patterns: readonly ModelLimits[];
}

export interface LimitSet {
  readonly quantization: string | null;
  readonly limits: readonly Limit[];
}

export interface ModelLimits extends LimitSet {
  readonly model: string;
}

/** Runs what throws USAGE as a check of zod's. */
function check(parse: (text: string) => unknown) {
  return (text: string, context: z.core.$RefinementCtx<string>) => {
    try {
      parse(text);
    } catch (error) {
      if (!isFailure(error, "USAGE")) throw error;
      context.addIssue({ code: "custom", message: error.message, params: { hint: error.hint } });
    }
  };
}

const limitFields = Object.fromEntries(
  RULE_NAMES.map((name) => {
    const { kind, description } = RULES[name];
    const field = z.string().superRefine(check((text) => parseLimit(text, kind)));
    return [name, field.optional().describe(`Most allowed: ${description}. As in ${listLimitForms(kind)}.`)];
  }),
) as Record<RuleName, z.ZodOptional<z.ZodString>>;

const limitSetFields = {
  quantization: z
    .string()
    .superRefine(check(parseQuantization))
    .optional()
    .describe("What downloads are judged at: int4, fp16, onnx:q4f16 … Left out: the files as published."),
  ...limitFields,
  because: z.string().optional().describe("Why these limits are there; shown beside the verdicts."),
};

const entrySchema = z.strictObject({
  model: z
    .string()
    .superRefine(check(checkModel))
    .describe("A model, as on the command line, or a name with * for all whose id fits it."),
  ...limitSetFields,
});

export const budgetConfigSchema = z.strictObject({
  $schema: z.string().optional(),
  defaults: z
    .strictObject(limitSetFields)
    .optional()
    .describe("Limits of every model that has none of its own."),
  budgets: z.array(entrySchema).optional(),
});

type WrittenLimits = Omit<z.infer<typeof entrySchema>, "model">;

const TOP_KEYS = Object.keys(budgetConfigSchema.shape);
const ENTRY_KEYS = Object.keys(entrySchema.shape);

/** `maxSize`, after the flag --max-size, is maxDownload. */
const FLAG_NAMES = new Map(
  RULE_NAMES.map((name) => [
    RULES[name].flag.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    name,
  ]),
);

/** Reads the value of a config file. Throws CONFIG_INVALID. */
export function parseBudgetConfig(value: unknown, file: string): BudgetConfig {
  const parsed = budgetConfigSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    const [first, ...others] = parsed.error.issues;
    const keys = first?.path.length === 0 ? TOP_KEYS : ENTRY_KEYS;
    const issue = describeIssue(first, keys, first?.path.length === 0 ? new Map() : FLAG_NAMES);
    throw new LlmSizeError("CONFIG_INVALID", { file, ...issue, others: others.length });
  }
  const defaults = readLimits(parsed.data.defaults ?? {});
  const entries = (parsed.data.budgets ?? []).map(readEntry);
  checkEntries(entries, defaults, file);
  return {
    defaults,
    budgets: entries.filter(({ model }) => !isPattern(model)),
    patterns: entries.filter(({ model }) => isPattern(model)),
  };
}

/** A gate that judges nothing, or that has two answers, is a mistake. Throws CONFIG_INVALID. */
function checkEntries(entries: readonly ModelLimits[], defaults: LimitSet, file: string): void {
  const invalid = (path: string, problem: string, hint: string) =>
    new LlmSizeError("CONFIG_INVALID", { file, path, problem, hint });
  const sayLimits = `set one, such as "maxDownload": "1.5GB"; there are ${RULE_NAMES.join(", ")}`;
  const hasDefaults = defaults.limits.length > 0;
  if (!hasDefaults && entries.length === 0) throw invalid("", "it sets no limit", sayLimits);
  const seen = new Map<string, number>();
  for (const [index, { model, limits, quantization }] of entries.entries()) {
    const path = `budgets[${index}]`;
    if (!hasDefaults && limits.length === 0) throw invalid(path, `it sets no limit for ${model}`, sayLimits);
    const key = `${model.toLowerCase()} ${quantization ?? defaults.quantization}`;
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      const problem = `${model} has a budget already, budgets[${earlier}]`;
      throw invalid(path, problem, "make them one, or give each its quantization");
    }
    seen.set(key, index);
  }
}

function readEntry({ model, ...limits }: z.infer<typeof entrySchema>): ModelLimits {
  return { model: model.trim(), ...readLimits(limits) };
}

function readLimits(written: WrittenLimits): LimitSet {
  const { quantization, because = null } = written;
  return {
    quantization: quantization === undefined ? null : parseQuantization(quantization).name,
    limits: RULE_NAMES.flatMap((rule) => {
      const text = written[rule];
      return text === undefined ? [] : [{ rule, limit: parseLimit(text, RULES[rule].kind), because }];
    }),
  };
}

/** Throws USAGE. A pattern that can fit nothing would be a gate that is open. */
function checkModel(text: string): void {
  if (text.trim() === "")
    throw new LlmSizeError("USAGE", {
      message: "it names no model",
      hint: "name one as gemma-2b, org/name or org/name@revision",
    });
  if (isPattern(text) && !/^[\w*][\w.*-]*(?:\/[\w*][\w.*-]*)?$/.test(text.trim()))
    throw new LlmSizeError("USAGE", {
      message: `"${text}" fits no model`,
      hint: "a pattern is the name of a model with * for any text, as in google/*",
    });
}

/**
 * The budgets of a model: for each of its own (by reference, else by id), what that says, then the patterns that fit,
 * then the defaults. One limit of a rule hides those below it.
 */
export function resolveBudgets(config: BudgetConfig, reference: string, id: string | null): Budget[] {
  const named = (name: string) =>
    config.budgets.filter(({ model }) => model.toLowerCase() === name.toLowerCase());
  const byReference = named(reference);
  const own: readonly (LimitSet | null)[] = byReference.length > 0 ? byReference : named(id ?? reference);
  const fitting = config.patterns.filter(({ model }) => matchesPattern(model, id ?? reference)).toReversed();
  return (own.length > 0 ? own : [null]).map((set) => ({
    model: reference,
    ...mergeLimits([...(set ? [set] : []), ...fitting, config.defaults]),
  }));
}

/** The first of a rule counts. */
function mergeLimits(sets: readonly LimitSet[]): LimitSet {
  const limits = sets.flatMap((set) => set.limits);
  return {
    quantization: sets.find(({ quantization }) => quantization !== null)?.quantization ?? null,
    limits: RULE_NAMES.flatMap((name) => limits.find(({ rule }) => rule === name) ?? []),
  };
}
