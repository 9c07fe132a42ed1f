/** A first config file: what models measure today, with some headroom. */
import { proposeBudget, type ProposedBudget } from "../budget/propose.ts";
import type { Config, Failure, ModelReport } from "../contract/types.ts";
import { isUnknown } from "../contract/unknown.ts";
import { LlmSizeError } from "../errors.ts";
import { formatBytes } from "../render/units.ts";
import type { InvalidReference, Reference } from "../source/reference.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { measureReport } from "./documents.ts";
import { buildFailure } from "./measure.ts";

const SCHEMA = "./node_modules/llm-size/schema/config.schema.json";

export interface Proposal {
  readonly budgets: readonly ProposedBudget[];
  readonly config: Config;
  readonly models: ModelReport[];
  readonly failures: Failure[];
}

/** Measure models and propose a budget for each, at each quantization; as published without one. */
export async function proposeConfig(
  references: readonly (Reference | InvalidReference)[],
  headroomPercent: number,
  options: Omit<MeasureOptions, "memory">,
): Promise<Proposal> {
  const { quantizations, onBug } = options;
  const names = quantizations.length > 0 ? quantizations.map(({ name }) => name) : [null];
  const sources = { ...options.sources, isGate: true };
  const { models, failures } = await measureReport(references, { ...options, sources });
  const proposed = models.flatMap((model) =>
    names.map((name) => {
      const budget = proposeBudget(model, name, headroomPercent);
      if (!isUnknown(budget)) return budget;
      const context = { model: model.reference, quantization: name, reason: budget.reason };
      return buildFailure(model.reference, new LlmSizeError("BUDGET_UNKNOWN", context), onBug);
    }),
  );
  const budgets = proposed.filter((one) => "maxSize" in one);
  return {
    budgets,
    config: { $schema: SCHEMA, budgets: budgets.map(buildBudget) },
    models,
    failures: [...failures, ...proposed.filter((one) => "code" in one)],
  };
}

function buildBudget({ model, quantization, bytes, isPredicted, headroomPercent, maxSize }: ProposedBudget) {
  const size = `${isPredicted ? "~" : ""}${formatBytes(bytes, "si")}`;
  const percent = Number(headroomPercent.toPrecision(2));
  return {
    model,
    ...(quantization !== null && { quantization }),
    maxSize,
    why: `it was ${size}, plus ${percent} % headroom`,
  };
}
