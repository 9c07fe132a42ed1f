import type { ModelChange } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import { makePrintable } from "./text.ts";
import { formatBytes, formatCount, groupDigits } from "./units.ts";

/** Render the changes of each model, one per line; empty without any. */
export function renderChanges(changes: readonly ModelChange[], units: UnitSystem): string {
  return changes
    .flatMap((change) => {
      const { reference, notCompared } = change;
      const lines = formatChanges(change, units);
      const title = lines.length > 0 ? `${reference} has changed:` : `${reference}: nothing has changed`;
      if (notCompared.length > 0)
        lines.push(`not compared ${notCompared.join(", ")}: measured differently before and after`);
      return lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)].map(makePrintable) : [];
    })
    .join("\n");
}

function formatChanges({ id, revision, figures, files }: ModelChange, units: UnitSystem): string[] {
  return [
    ...(id ? [`model       ${id.before} → ${id.after}`] : []),
    ...(revision ? [`revision    ${revision.before.slice(0, 12)} → ${revision.after.slice(0, 12)}`] : []),
    ...figures.map(({ name, before, after, growthPercent }) => {
      const round = (value: number) =>
        name === "parameters" ? formatCount(value) : formatBytes(value, units);
      const isHidden = before !== null && after !== null && round(before) === round(after);
      const format = isHidden ? groupDigits : round;
      const [from, to] = [before, after].map((value) => (value === null ? "unknown" : format(value)));
      return `${name.padEnd(11)} ${from} → ${to}${formatGrowth(growthPercent)}`;
    }),
    ...files.map(({ path, before, after }) => {
      if (before === null) return `new file    ${path}, ${formatBytes(after ?? 0, units)}`;
      if (after === null) return `removed     ${path}, ${formatBytes(before, units)}`;
      return `file        ${path}: ${formatBytes(before, units)} → ${formatBytes(after, units)}`;
    }),
  ];
}

function formatGrowth(percent: number | null): string {
  if (percent === null) return "";
  return ` (${percent > 0 ? "+" : ""}${Number(percent.toPrecision(3))} %)`;
}
