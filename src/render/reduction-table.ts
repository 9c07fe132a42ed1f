import { TECHNIQUES, type Technique } from "../contract/terms.ts";
import type { ReductionRow } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import { scaleColumn, tabulate, UNKNOWN, type Column, type Table } from "./table.ts";
import { shortenNames } from "./text.ts";
import { formatBytes, formatCount } from "./units.ts";

export const TECHNIQUE_TITLES = {
  quantization: "Quantization",
  lora: "LoRA adapters",
  pruning: "Pruning",
  distillation: "Distillation",
  sharing: "Sharing",
} as const satisfies Record<Technique, string>;

/** One line of the table: a result, or the title of a technique. */
interface Line {
  readonly name: string;
  readonly parameters: string;
  /** By quantization. Each has its own unit: adapters and models differ too much to share one. */
  readonly sizes: ReadonlyMap<string, string>;
  readonly left: string;
}

/** Build the table of all results, technique by technique. */
export function buildReductionTable(rows: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = rows.filter(({ reason }) => reason === null);
  const quantizations = listShownQuantizations(possible);
  const lines = TECHNIQUES.flatMap((technique): Line[] => {
    const own = possible.filter((row) => row.technique === technique);
    const shown = technique === "quantization" ? mergeSizes(own, quantizations) : own;
    const results = shown.map((row) => toLine(row, quantizations, units));
    const title = { name: TECHNIQUE_TITLES[technique], parameters: "", sizes: new Map(), left: "" };
    return results.length === 0
      ? []
      : [title, ...results.map((line) => ({ ...line, name: `  ${line.name}` }))];
  });
  return arrange(lines, quantizations);
}

/** Build the table of a recipe. Each step starts from the one before; a share needs a single quantization. */
export function buildStepTable(steps: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = steps.filter(({ reason }) => reason === null);
  const quantizations = listQuantizations(possible);
  const lines = possible.map((row) => {
    const line = toLine(row, quantizations, units);
    return row.sizes.length === 1 ? line : { ...line, left: "" };
  });
  return arrange(lines, quantizations);
}

/** Build the table of a model that is only quantized. */
export function buildQuantizationTable(rows: readonly ReductionRow[], units: UnitSystem): Table {
  const possible = rows.filter(({ reason }) => reason === null);
  const names = shortenNames(possible.map(({ name }) => name));
  return tabulate(possible, [
    { title: TECHNIQUE_TITLES.quantization, align: "left", cell: (_, index) => names[index] },
    scaleColumn("size", possible, {
      value: ({ sizes }) => sizes[0]?.bytes,
      isApproximate: ({ sizes }) => sizes[0]?.basis === "predicted",
      scale: units,
    }),
    {
      title: "bits",
      unit: "per weight",
      align: "right",
      cell: ({ inputs }) => Number(inputs["bitsPerWeight"]).toFixed(2),
    },
    {
      title: "left",
      unit: "% of original",
      align: "right",
      cell: ({ sizes }) => formatShare(sizes[0]?.shareOfModel ?? null),
    },
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
  return [{ ...first, name: ORIGINAL, sizes }];
}

const ORIGINAL = "the original model";

function toLine(
  { name, parameters, sizes }: ReductionRow,
  quantizations: readonly string[],
  units: UnitSystem,
): Line {
  const cells = sizes.map(({ quantization, bytes, basis }) => {
    const about = basis === "predicted" ? "~" : "";
    return [quantization, bytes === null ? UNKNOWN : `${about}${formatBytes(bytes, units)}`] as const;
  });
  const first = sizes.find(({ quantization }) => quantization === quantizations[0]) ?? sizes.at(-1);
  return {
    name,
    parameters: parameters === null ? UNKNOWN : formatCount(parameters),
    sizes: new Map(cells),
    left: name === ORIGINAL ? "100" : formatShare(first?.shareOfModel ?? null),
  };
}

function arrange(lines: readonly Line[], quantizations: readonly string[]): Table {
  const columns: Column<Line>[] = [
    { title: "", align: "left", cell: ({ name }) => name },
    { title: "params", align: "right", cell: ({ parameters }) => parameters },
    ...shortenNames(quantizations).map((title, index): Column<Line> => ({
      title,
      align: "right",
      cell: ({ sizes }) => sizes.get(quantizations[index] ?? ""),
    })),
  ];
  if (lines.some(({ left }) => left !== ""))
    columns.push({ title: "% left", align: "right", cell: ({ left }) => left });
  return tabulate(lines, columns);
}

/** @example formatShare(0.0123) //=> "1.23" */
export function formatShare(share: number | null): string {
  if (share === null) return UNKNOWN;
  const percent = 100 * share;
  return percent >= 100 ? String(Math.round(percent)) : percent.toPrecision(3);
}
