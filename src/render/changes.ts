import type { ModelChange } from "../contract/types.ts";
import { makePrintable } from "./printable.ts";
import { formatBytes, formatCount, type UnitSystem } from "./units.ts";

/** Render the changes of each model, one per line; empty without any. */
export function renderChanges(changes: readonly ModelChange[], units: UnitSystem): string {
  return changes
    .map((model) => {
      const lines = listChanges(model, units);
      const { reference, notCompared } = model;
      if (lines.length === 0 && notCompared.length === 0) return [];
      const title = lines.length > 0 ? `${reference} has changed:` : `${reference}: nothing has changed`;
      const rest =
        notCompared.length > 0
          ? [`not compared ${notCompared.join(", ")}: measured differently before and after`]
          : [];
      return [title, ...[...lines, ...rest].map((line) => `  ${line}`)].map(makePrintable);
    })
    .flat()
    .join("\n");
}

function listChanges({ id, revision, figures, files }: ModelChange, units: UnitSystem): string[] {
  return [
    ...(id ? [`model       ${id.before} → ${id.after}`] : []),
    ...(revision ? [`revision    ${revision.before.slice(0, 12)} → ${revision.after.slice(0, 12)}`] : []),
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
  ];
}

function formatGrowth(percent: number | null): string {
  if (percent === null) return "";
  return ` (${percent > 0 ? "+" : ""}${Number(percent.toPrecision(3))} %)`;
}
