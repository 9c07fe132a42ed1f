/** A measured model → a budget that it is within today. */
import { parseQuantity } from "../contract/quantities.ts";
import type { ModelReport } from "../contract/types.ts";
import { unknown, type Unknown } from "../contract/unknown.ts";
import { DEFAULT_RUN_OPTIONS } from "./budget.ts";
import { judgeModel } from "./judge.ts";
import { RULES } from "./rules.ts";

export interface ProposedBudget {
  readonly model: string;
  /** Null for the files as published. */
  readonly quantization: string | null;
  /** The download today, the largest that publishers ship. */
  readonly bytes: number;
  readonly isPredicted: boolean;
  /** How far the limit is above the download, before it is rounded up. */
  readonly headroomPercent: number;
  /** As the config file has it, such as `1.56GB`. */
  readonly maxSize: string;
}

/**
 * Propose a limit for the download of a model; unknown where `check` would not let it pass. The headroom is at least the
 * error of a prediction, which no limit may be within.
 */
export function proposeBudget(
  model: ModelReport,
  quantization: string | null,
  leastPercent: number,
): ProposedBudget | Unknown {
  const judged = { model, memory: null, locked: null };
  const budget = { model: model.reference, quantization, options: DEFAULT_RUN_OPTIONS };
  const {
    value,
    largest,
    basis,
    errorBand = 0,
    reason,
  } = RULES.maxSize.computeMetric({ ...budget, ...judged });
  if (value === null) return unknown(reason);
  const bytes = largest?.value ?? value;
  const headroomPercent = Math.max(leastPercent, errorBand * 100);
  const maxSize = formatLimit((bytes * (100 + headroomPercent)) / 100);
  const limit = parseQuantity(maxSize, "bytes");
  const open = {
    rule: "maxSize",
    limit,
    why: null,
    device: null,
    recommendedBytes: null,
    place: null,
  } as const;
  const [verdict] = judgeModel({ ...budget, limits: [open] }, judged);
  if (verdict?.outcome !== "passed") return unknown(verdict?.reason ?? reason);
  const { reference } = model;
  const isPredicted = basis === "predicted";
  return { model: reference, quantization, bytes, isPredicted, headroomPercent, maxSize };
}

const UNITS = [
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;

/**
 * Round bytes up to three digits, as a limit is written.
 * @example formatLimit(1_550_813_999) //=> "1.56GB"
 */
export function formatLimit(bytes: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(bytes)) - 2);
  const rounded = Math.ceil(bytes / step) * step;
  const [unit, factor] = UNITS.find(([, size]) => rounded >= size) ?? ["B", 1];
  return `${rounded / factor}${unit}`;
}
