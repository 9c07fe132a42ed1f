import { ECOSYSTEMS } from "../../src/quant/ecosystems.ts";
import { predictPublished, type Outcome } from "./published.ts";

/** What counts as right, relative. */
export const RIGHT = 0.001;

/** Return true where the main prediction or a named variant has the published size. */
export function isRight({ error }: Outcome): boolean {
  return Math.abs(error) <= RIGHT;
}

/** Per family and overall: the share that is right, without and with variants, and errors, also of the rule of thumb. */
export function renderAccuracy(): string {
  const outcomes = predictPublished().filter(({ rounded }) => !rounded);
  const groups = [
    ...ECOSYSTEMS.map(({ name }) => ({ name, rows: outcomes.filter(({ family }) => family === name) })),
    { name: "all", rows: outcomes },
  ].filter(({ rows }) => rows.length > 0);
  return [
    "| family | files | right | main alone | variants | median error | 95 % | worst | parameters × bits / 8: median | worst |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...groups.map(({ name, rows }) => {
      const ours = sort(rows.map(({ error }) => Math.abs(error)));
      const naive = sort(
        rows.flatMap(({ naiveError }) => (naiveError === null ? [] : [Math.abs(naiveError)])),
      );
      const cells = [
        name,
        rows.length,
        formatShare(rows.filter(isRight).length / rows.length),
        formatShare(rows.filter(({ mainError }) => Math.abs(mainError) <= RIGHT).length / rows.length),
        quantile(sort(rows.map(({ variants }) => variants)), 0.5),
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

/** List every exact size that neither the main prediction nor a variant has, with what is known of the file. */
export function renderMisses(): string {
  const misses = predictPublished().filter((outcome) => !outcome.rounded && !isRight(outcome));
  if (misses.length === 0) return "No exact size is missed by more than 0.1 %.";
  return ["Missed by more than 0.1 %:", ...misses.map(describeMiss)].join("\n");
}

function describeMiss({ published, scheme, error, note }: Outcome): string {
  return `- ${published}, ${scheme}: ${(100 * error).toFixed(2)} %; ${note ?? "unexplained"}`;
}

function sort(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function formatShare(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** Two significant digits, at least a thousandth of a percent. */
function formatPercent(share: number): string {
  const percent = 100 * share;
  return percent < 0.0005
    ? "< 0.001 %"
    : `${percent < 1 ? Number(percent.toPrecision(2)) : percent.toFixed(0)} %`;
}
