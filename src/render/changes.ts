import type { ModelChange } from "../contract/types.ts";
import { makePrintable } from "./printable.ts";
import { formatBytes, formatCount, type UnitSystem } from "./units.ts";

/** What changed in each model, a line a change; empty where nothing did. */
export function renderChanges(changes: readonly ModelChange[], units: UnitSystem): string {
  return changes
    .map((diff) => ({ diff, lines: describeChanges(diff, units) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ diff, lines }) =>
      [makePrintable(`${diff.reference} has changed:`), ...lines.map((line) => `  ${line}`)].join("\n"),
    )
    .join("\n");
}

function describeChanges({ id, revision, figures, files }: ModelChange, units: UnitSystem): string[] {
  return [
    ...(id ? [`model       ${id.before} → ${id.after}`] : []),
    ...(revision ? [`revision    ${shorten(revision.before)} → ${shorten(revision.after)}`] : []),
    ...figures.map(({ name, before, after, growthPercent }) => {
      const format = (value: number | null) =>
        value === null ? "unknown" : name === "parameters" ? formatCount(value) : formatBytes(value, units);
      const exact = before !== null && after !== null && format(before) === format(after);
      const say = (value: number | null) => (exact ? (value ?? 0).toLocaleString("en-US") : format(value));
      return `${name.padEnd(11)} ${say(before)} → ${say(after)}${formatGrowth(growthPercent)}`;
    }),
    ...files.map(({ path, before, after }) => {
      if (before === null) return `new file    ${path}, ${formatBytes(after ?? 0, units)}`;
      if (after === null) return `file gone   ${path}, ${formatBytes(before, units)}`;
      return `file        ${path}: ${formatBytes(before, units)} → ${formatBytes(after, units)}`;
    }),
  ].map(makePrintable);
}

function formatGrowth(percent: number | null): string {
  if (percent === null) return "";
  return ` (${percent > 0 ? "+" : ""}${Number(percent.toPrecision(3))} %)`;
}

function shorten(revision: string | null): string {
  return revision === null ? "none" : revision.slice(0, 12);
}
