import { TECHNIQUES, type Technique } from "../contract/terms.ts";
import type { Column } from "./comparison.ts";
import { makePrintable } from "./printable.ts";
import type { ReductionRow } from "../contract/types.ts";
import { shortenNames } from "./size-list.ts";
import { formatBytes, formatBytesTogether, formatCount, type UnitSystem } from "./units.ts";

export const TECHNIQUE_TITLES = {
  quantization: "Quantization",
  lora: "LoRA adapters",
  pruning: "Pruning",
  distillation: "Distillation",
  sharing: "Sharing",
} as const satisfies Record<Technique, string>;

/** One line of the table: of a technique, or its title. Adapters and models differ too much in size to share a unit. */
interface Line {
  readonly name: string;
  readonly parameters: string;
  /** By quantization. */
  readonly sizes: ReadonlyMap<string, string>;
  readonly left: string;
}

/** Everything that can be had, technique by technique; none where there is no row with numbers. */
export function tabulateReductions(rows: readonly ReductionRow[], units: UnitSystem): Column[] {
  const possible = rows.filter(({ reason }) => reason === null);
  const quantizations = nameColumns(possible);
  const lines = TECHNIQUES.flatMap((technique) => {
    const own = possible.filter((row) => row.technique === technique);
    const shown =
      technique === "quantization"
        ? describeModel(own, quantizations, units)
        : own.map((row) => describeRow(row, quantizations, units));
    return shown.length === 0 ? [] : [describeTitle(TECHNIQUE_TITLES[technique]), ...shown];
  });
  return arrange(lines, quantizations);
}

/** The steps of a recipe, each on what the one before left; a share once the recipe has settled on one quantization. */
export function tabulateSteps(steps: readonly ReductionRow[], units: UnitSystem): Column[] {
  const possible = steps.filter(({ reason }) => reason === null);
  const quantizations = nameQuantizations(possible);
  const lines = possible.map((row) => {
    const line = describeRow(row, quantizations, units);
    return { ...line, name: line.name.trim(), left: row.sizes.length === 1 ? line.left : "" };
  });
  return arrange(lines, quantizations, "% of now");
}

/** Sizes of the model alone: a row a quantization. */
export function tabulateSizes(rows: readonly ReductionRow[], units: UnitSystem): Column[] {
  const possible = rows.filter(({ reason }) => reason === null);
  if (possible.length === 0) return [];
  const sizes = possible.map((row) => row.sizes[0]);
  const { unit, texts } = formatBytesTogether(
    sizes.map((size) => size?.bytes ?? null),
    units,
  );
  return [
    column(TECHNIQUE_TITLES.quantization, shortenNames(possible.map(({ name }) => name)), "left"),
    column(
      "size",
      sizes.map((size, index) => `${size?.basis === "predicted" ? "~" : ""}${texts[index] ?? "?"}`),
      "right",
      unit,
    ),
    column(
      "bits",
      possible.map(({ inputs }) => Number(inputs["bitsPerWeight"]).toFixed(2)),
      "right",
      "a weight",
    ),
    column(
      "left",
      sizes.map((size) => formatShare(size?.shareOfModel ?? null)),
      "right",
      "% of now",
    ),
  ];
}

/** The quantizations that every row but the model's own is shown in; the model's where there is no other row. */
export function nameColumns(rows: readonly ReductionRow[]): string[] {
  const others = rows.filter(({ technique, sizes }) => technique !== "quantization" || sizes.length > 1);
  return nameQuantizations(others.length > 0 ? others : rows);
}

function nameQuantizations(rows: readonly ReductionRow[]): string[] {
  return [...new Set(rows.flatMap(({ sizes }) => sizes.map(({ quantization }) => quantization)))];
}

function describeTitle(title: string): Line {
  return { name: title, parameters: "", sizes: new Map(), left: "" };
}

/** The model in all quantizations is one line, from which all others start. */
function describeModel(
  rows: readonly ReductionRow[],
  quantizations: readonly string[],
  units: UnitSystem,
): Line[] {
  const [first] = rows;
  const sizes = rows.flatMap((row) => row.sizes);
  if (!first || !sizes.some(({ quantization }) => quantizations.includes(quantization))) return [];
  const line = describeRow({ ...first, name: "the model as it is", sizes }, quantizations, units);
  return [{ ...line, left: "100" }];
}

function describeRow(
  { name, parameters, sizes }: ReductionRow,
  quantizations: readonly string[],
  units: UnitSystem,
): Line {
  const cells = sizes.map(({ quantization, bytes, basis }) => {
    const about = basis === "predicted" ? "~" : "";
    return [quantization, bytes === null ? "?" : `${about}${formatBytes(bytes, units)}`] as const;
  });
  const first = sizes.find(({ quantization }) => quantization === quantizations[0]);
  return {
    name: `  ${makePrintable(name)}`,
    parameters: parameters === null ? "?" : formatCount(parameters),
    sizes: new Map(cells),
    left: formatShare((first ?? sizes.at(-1))?.shareOfModel ?? null),
  };
}

function arrange(lines: readonly Line[], quantizations: readonly string[], share = "% left"): Column[] {
  if (lines.length === 0) return [];
  const titles = shortenNames(quantizations);
  return [
    column(
      "",
      lines.map(({ name }) => name),
      "left",
    ),
    column(
      "params",
      lines.map(({ parameters }) => parameters),
    ),
    ...quantizations.map((quantization, index) =>
      column(
        titles[index] ?? quantization,
        lines.map(({ sizes }) => sizes.get(quantization) ?? ""),
      ),
    ),
    ...(lines.some(({ left }) => left !== "")
      ? [
          column(
            share,
            lines.map(({ left }) => left),
          ),
        ]
      : []),
  ];
}

/** 0.0123 → `1.23` */
export function formatShare(share: number | null): string {
  if (share === null) return "?";
  const percent = 100 * share;
  return percent >= 100 ? String(Math.round(percent)) : percent.toPrecision(3);
}

function column(
  title: string,
  cells: readonly string[],
  align: Column["align"] = "right",
  unit = "",
): Column {
  return { title, unit, align, cells };
}
