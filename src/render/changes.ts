import type { ModelChange } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import { escapeMarkdown, leftColumn, renderMarkdown, rightColumn, tabulate } from "./table.ts";
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

/** Render a table of the changes of each model, for a pull request; empty without any. */
export function renderChangesMarkdown(changes: readonly ModelChange[], units: UnitSystem): string {
  return changes
    .flatMap((change) => {
      const rows = listFacts(change, units);
      const { reference, notCompared } = change;
      if (rows.length === 0 && notCompared.length === 0) return [];
      const table = tabulate(rows, [
        leftColumn("Changed", ({ name, path }) => [name, path].filter(Boolean).join(" ")),
        rightColumn("Before", ({ before }) => before),
        rightColumn("After", ({ after }) => after),
        rightColumn("Growth", ({ growth }) => growth),
      ]);
      return [
        `### ${escapeMarkdown(makePrintable(reference))}`,
        ...(rows.length > 0 ? [renderMarkdown(table)] : []),
        ...(notCompared.length > 0
          ? [escapeMarkdown(`Not compared, since measured differently: ${notCompared.join(", ")}`)]
          : []),
      ];
    })
    .join("\n\n");
}

interface Fact {
  readonly name: string;
  readonly path?: string;
  readonly before: string;
  readonly after: string;
  readonly growth?: string;
}

function formatChanges(change: ModelChange, units: UnitSystem): string[] {
  return listFacts(change, units).map(({ name, path, before, after, growth = "" }) => {
    const title = name.padEnd(11);
    if (path !== undefined && before === "") return `${title} ${path}, ${after}`;
    if (path !== undefined && after === "") return `${title} ${path}, ${before}`;
    const file = path === undefined ? "" : `${path}: `;
    return `${title} ${file}${before} → ${after}${growth === "" ? "" : ` (${growth})`}`;
  });
}

function listFacts({ id, revision, figures, files }: ModelChange, units: UnitSystem): Fact[] {
  return [
    ...(id ? [{ name: "model", before: id.before, after: id.after }] : []),
    ...(revision
      ? [{ name: "revision", before: revision.before.slice(0, 12), after: revision.after.slice(0, 12) }]
      : []),
    ...figures.map(({ name, before, after, growthPercent }) => {
      const round = (value: number) =>
        name === "parameters" ? formatCount(value) : formatBytes(value, units);
      const isHidden = before !== null && after !== null && round(before) === round(after);
      const format = isHidden ? groupDigits : round;
      const write = (value: number | null) => (value === null ? "unknown" : format(value));
      return { name, before: write(before), after: write(after), growth: formatGrowth(growthPercent) };
    }),
    ...files.map(({ path, before, after }) => ({
      name: before === null ? "new file" : after === null ? "removed" : "file",
      path,
      before: before === null ? "" : formatBytes(before, units),
      after: after === null ? "" : formatBytes(after, units),
    })),
  ];
}

function formatGrowth(percent: number | null): string {
  if (percent === null) return "";
  return `${percent > 0 ? "+" : ""}${Number(percent.toPrecision(3))} %`;
}
