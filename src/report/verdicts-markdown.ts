import type { Column } from "./comparison.ts";
import { renderMarkdown } from "./markdown.ts";
import { makePrintable } from "./printable.ts";
import type { UnitSystem } from "./units.ts";
import { OUTCOMES, type Verdict } from "./verdict-schema.ts";
import { formatFigures, formatTally } from "./verdicts.ts";

/** The verdicts as a table, what is wrong first, below a tally; empty where nothing was judged. */
export function renderVerdictsMarkdown(verdicts: readonly Verdict[], units: UnitSystem): string {
  if (verdicts.length === 0) return "";
  const rank = ({ outcome }: Verdict) => -OUTCOMES.indexOf(outcome);
  const sorted = verdicts.toSorted((left, right) => rank(left) - rank(right));
  const figures = sorted.map((verdict) => formatFigures(verdict, units));
  const column = (title: string, align: Column["align"], cells: readonly string[]): Column => ({
    title,
    unit: "",
    align,
    cells,
  });
  return `${formatTally(verdicts)}\n\n${renderMarkdown([
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
      figures.map(({ difference }, row) => (sorted[row]?.outcome === "exceeded" ? difference : "")),
    ),
    column("Why", "left", sorted.map(formatWhy)),
  ])}`;
}

/** @example formatRule(verdict) //=> "maxDownload at int4" */
export function formatRule({ rule, quantization }: Verdict): string {
  return quantization === null ? rule : `${rule} at ${quantization}`;
}

function formatWhy({ reason, because }: Verdict): string {
  return makePrintable([reason, because].filter((text) => text !== null).join("; "));
}
