import { ECOSYSTEMS } from "../../src/quant/ecosystems.ts";
import { predictPublished, type Outcome } from "./published.ts";

/** What counts as a miss. */
const MISS = 0.005;

/** Per family and overall: how many files, and the median, 95th percentile and worst error, ours and the rule of thumb's. */
export function renderAccuracy(): string {
  const outcomes = predictPublished().filter(({ rounded }) => !rounded);
  const groups = [
    ...ECOSYSTEMS.map(({ name }) => ({ name, rows: outcomes.filter(({ family }) => family === name) })),
    { name: "all", rows: outcomes },
  ].filter(({ rows }) => rows.length > 0);
  return [
    "| family | files | median | 95 % | worst | parameters × bits / 8: median | worst |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...groups.map(({ name, rows }) => {
      const ours = rows.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);
      const naive = rows
        .flatMap(({ naiveError }) => (naiveError === null ? [] : [Math.abs(naiveError)]))
        .toSorted((a, b) => a - b);
      const cells = [
        name,
        rows.length,
        formatPercent(quantile(ours, 0.5)),
        formatPercent(quantile(ours, 0.95)),
        formatPercent(quantile(ours, 1)),
        formatPercent(quantile(naive, 0.5)),
        formatPercent(quantile(naive, 1)),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

/** Every exact size that a prediction misses by more than half a percent, with what is known of the file. */
export function renderMisses(): string {
  const misses = predictPublished().filter(({ rounded, error }) => !rounded && Math.abs(error) > MISS);
  if (misses.length === 0) return "No exact size is missed by more than 0.5 %.";
  return ["Missed by more than 0.5 %:", ...misses.map(describeMiss)].join("\n");
}

function describeMiss({ published, scheme, error, note }: Outcome): string {
  return `- ${published}, ${scheme}: ${(100 * error).toFixed(2)} %; ${note ?? "unexplained"}`;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Two significant digits, at least a thousandth of a percent. */
function formatPercent(share: number): string {
  const percent = 100 * share;
  return percent < 0.0005
    ? "< 0.001 %"
    : `${percent < 1 ? Number(percent.toPrecision(2)) : percent.toFixed(0)} %`;
}
