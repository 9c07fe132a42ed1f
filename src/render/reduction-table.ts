import { TECHNIQUES, type Technique } from "../contract/terms.ts";
import type { ReductionRow } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import { leftColumn, rightColumn, scaleColumn, tabulate, UNKNOWN, type Table } from "./table.ts";
import { formatBytes, formatCount } from "./units.ts";

export const TECHNIQUE_TITLES = {
  quantization: "Quantization",
  lora: "LoRA adapters",
  pruning: "Pruning",
  distillation: "Distillation",
  sharing: "Sharing",
} as const satisfies Record<Technique, string>;

/** One line of the table: a result, or only the title of a technique. */
interface Line {
  readonly name: string;
  readonly row?: ReductionRow;
  readonly left?: string;
}

/** Build the table of all results, technique by technique. */
export function buildReductionTable(rows: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = rows.filter(({ reason }) => reason === null);
  const quantizations = listShownQuantizations(possible);
  const lines = TECHNIQUES.flatMap((technique): Line[] => {
    const own = possible.filter((row) => row.technique === technique);
    const shown = technique === "quantization" ? mergeSizes(own, quantizations) : own;
    const results = shown.map((row) => {
      const first =
        row.sizes.find(({ quantization }) => quantization === quantizations[0]) ?? row.sizes.at(-1);
      return { name: `  ${row.name}`, row, left: formatShare(first?.shareOfModel ?? null) };
    });
    return results.length === 0 ? [] : [{ name: TECHNIQUE_TITLES[technique] }, ...results];
  });
  return arrange(lines, quantizations, units);
}

/** Build the table of a recipe. Each step starts from the one before; a share needs a single quantization. */
export function buildStepTable(steps: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = steps.filter(({ reason }) => reason === null);
  const lines = possible.map((row) => {
    const [size, ...others] = row.sizes;
    return {
      name: row.name,
      row,
      ...(size && others.length === 0 && { left: formatShare(size.shareOfModel) }),
    };
  });
  return arrange(lines, listQuantizations(possible), units);
}

/** Build the table of a model that is only quantized. */
export function buildQuantizationTable(rows: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = rows.filter(({ reason }) => reason === null);
  return tabulate(possible, [
    leftColumn(TECHNIQUE_TITLES.quantization, ({ name }) => name),
    scaleColumn("size", possible, {
      value: ({ sizes }) => sizes[0]?.bytes,
      isApproximate: ({ sizes }) => sizes[0]?.basis === "predicted",
      scale: units,
    }),
    rightColumn("bits", ({ inputs }) => Number(inputs["bitsPerWeight"]).toFixed(2), "per weight"),
    rightColumn("left", ({ sizes }) => formatShare(sizes[0]?.shareOfModel ?? null), "% of original"),
  ]);
}

/** List the quantizations of all rows but the model's own; the model's where there is no other row. */
export function listShownQuantizations(rows: readonly ReductionRow[]): string[] {
  const others = rows.filter(({ technique, sizes }) => technique !== "quantization" || sizes.length > 1);
  return listQuantizations(others.length > 0 ? others : rows);
}

function listQuantizations(rows: readonly ReductionRow[]): string[] {
  return [...new Set(rows.flatMap(({ sizes }) => sizes.map(({ quantization }) => quantization)))];
}

/** Merge the rows of the model's quantizations into one, the base of all others. */
function mergeSizes(rows: readonly ReductionRow[], quantizations: readonly string[]): ReductionRow[] {
  const [first] = rows;
  const sizes = rows.flatMap((row) => row.sizes);
  if (!first || !sizes.some(({ quantization }) => quantizations.includes(quantization))) return [];
  const whole = sizes.map((size) => ({ ...size, shareOfModel: 1 }));
  return [{ ...first, name: "the original model", sizes: whole }];
}

/** Arrange lines in columns. Each size has its own unit: adapters and models differ too much to share one. */
function arrange(lines: readonly Line[], quantizations: readonly string[], units: UnitSystem): Table {
  const hasShares = lines.some(({ left }) => left !== undefined);
  return tabulate(lines, [
    leftColumn("", ({ name }) => name),
    rightColumn(
      "params",
      ({ row }) => row && (row.parameters === null ? UNKNOWN : formatCount(row.parameters)),
    ),
    ...quantizations.map((name) =>
      rightColumn<Line>(name, ({ row }) => {
        const size = row?.sizes.find(({ quantization }) => quantization === name);
        return size && formatSize(size, units);
      }),
    ),
    ...(hasShares ? [rightColumn<Line>("% left", ({ left }) => left)] : []),
  ]);
}

/** @example formatSize({ bytes: 1_346_502_656, basis: "predicted" }, "si") //=> "~1.35 GB" */
export function formatSize(
  { bytes, basis }: Pick<ReductionRow["sizes"][number], "bytes" | "basis">,
  units: UnitSystem,
): string {
  return bytes === null ? UNKNOWN : `${basis === "predicted" ? "~" : ""}${formatBytes(bytes, units)}`;
}

/** @example formatShare(0.0123) //=> "1.23" */
export function formatShare(share: number | null): string {
  if (share === null) return UNKNOWN;
  const percent = 100 * share;
  return percent >= 100 ? String(Math.round(percent)) : percent.toPrecision(3);
}
