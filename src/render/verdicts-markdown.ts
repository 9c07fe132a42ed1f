import type { Column } from "./comparison.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import type { UnitSystem } from "./units.ts";
import type { Verdict } from "../contract/types.ts";
import { formatConditions, formatFigures, formatTally } from "./verdicts.ts";

/** A tally and the verdicts as a table, what is wrong first; empty where nothing was judged. */
export function renderVerdictsMarkdown(verdicts: readonly Verdict[], units: UnitSystem): string {
  if (verdicts.length === 0) return "";
  const sorted = WORST_FIRST.flatMap((worst) => verdicts.filter(({ outcome }) => outcome === worst));
  const figures = sorted.map((verdict) => formatFigures(verdict, units));
  const excesses = sorted.map(({ outcome }, row) => (outcome === "exceeded" ? figures[row]?.difference : ""));
  const columns = [
    column(
      "Verdict",
      "left",
      sorted.map(({ outcome }) => outcome),
    ),
    column(
      "Model",
      "left",
      sorted.map(({ reference }) => makePrintable(reference)),
    ),
    column("Rule", "left", sorted.map(formatRule)),
    column(
      "Limit",
      "right",
      figures.map(({ limit }) => limit),
    ),
    column(
      "Actual",
      "right",
      figures.map(({ actual }) => actual),
    ),
    column(
      "Over by",
      "right",
      excesses.map((excess) => excess ?? ""),
    ),
    column("Why", "left", sorted.map(formatWhy)),
  ];
  return `${formatTally(verdicts)}\n\n${renderMarkdown(columns)}`;
}

const WORST_FIRST = ["exceeded", "unknown", "passed"] as const;

function column(title: string, align: Column["align"], cells: readonly string[]): Column {
  return { title, unit: "", align, cells };
}

/** @example formatRule(verdict) //=> "maxMemory at int4 at 8192 tokens" */
export function formatRule(verdict: Verdict): string {
  const { rule, quantization } = verdict;
  const at = quantization === null ? "" : ` at ${quantization}`;
  return `${rule}${at}${formatConditions(verdict)}`;
}

function formatWhy({ reason, why }: Verdict): string {
  return makePrintable([reason, why].filter((text) => text !== null).join("; "));
}
