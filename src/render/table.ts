/** Tables of any format: rows and columns become cells, and cells become Markdown or CSV; text has its own file. */
import { makePrintable } from "./text.ts";
import type { UnitSystem } from "./options.ts";
import { chooseScale, formatBytes, formatCount } from "./units.ts";

export interface Column<Row> {
  readonly title: string;
  /** The one unit of all its cells. */
  readonly unit?: string;
  readonly align: "left" | "right";
  /** Return the text of a row; null where there is none. */
  cell(row: Row, index: number): string | number | null | undefined;
  /** Return the number that a bar next to the text of a row can show; a column without such numbers leaves it out. */
  readonly bar?: (row: Row) => number | null | undefined;
}

export interface Table {
  readonly heads: readonly { title: string; unit: string; align: "left" | "right" }[];
  /** One printable text per column. */
  readonly rows: readonly (readonly string[])[];
  /** The number of each cell that a bar can show; null where there is none. */
  readonly bars: readonly (readonly (number | null)[])[];
}

export function tabulate<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Table {
  return {
    heads: columns.map(({ title, unit = "", align }) => ({ title: makePrintable(title), unit, align })),
    rows: rows.map((row, index) => columns.map(({ cell }) => makePrintable(String(cell(row, index) ?? "")))),
    bars: rows.map((row) => columns.map(({ bar }) => bar?.(row) ?? null)),
  };
}

/** Turn a table: its rows become columns, with a unit in each cell; one with a number (4.20 GB) is a limit, for the title. */
export function turnTable({ heads, rows, bars }: Table): Table {
  const [name, ...others] = heads;
  return {
    heads: [
      { title: name?.title ?? "", unit: "", align: "left" },
      ...rows.map(([title = ""]) => ({ title, unit: "", align: "right" as const })),
    ],
    rows: others.map(({ title, unit }, index) => [
      /\d/.test(unit) ? `${title} (${unit})` : title,
      ...rows.map((row) => {
        const cell = row[index + 1] ?? "";
        return /^$|\d/.test(unit) || cell === "" || cell.startsWith(UNKNOWN) ? cell : `${cell} ${unit}`;
      }),
    ]),
    bars: others.map((_, index) => [null, ...bars.map((row) => row[index + 1] ?? null)]),
  };
}

/** Build a column of text. */
export function leftColumn<Row>(title: string, cell: Column<Row>["cell"]): Column<Row> {
  return { title, align: "left", cell };
}

/** Build a column of figures; `unit` is the one unit of all its cells. */
export function rightColumn<Row>(title: string, cell: Column<Row>["cell"], unit = ""): Column<Row> {
  return { title, unit, align: "right", cell };
}

/** The cell of an unknown figure. */
export const UNKNOWN = "?";

/** Sizes that differ by more are shown as a range. */
const NOTABLE = 0.01;

export function isRange(least: number, most: number): boolean {
  return most > least * (1 + NOTABLE);
}

/** @example formatRange(1.5e9, 1.93e9, "si") //=> "1.50–1.93 GB" */
export function formatRange(least: number, most: number, scale: UnitSystem | "counts"): string {
  return `${chooseScale([most], scale).format(least)}–${formatNumber(most, scale)}`;
}

/** Numbers of which the smallest would begin with 0.0 next to the largest have a unit each. */
const SMALLEST_IN_ONE_UNIT = 0.1;

/** Return true where numbers differ too much for one unit: 0.0378 GB is 37.8 MB. */
export function differMuch(values: readonly (number | null)[], system: UnitSystem | "counts"): boolean {
  const known = values.filter((value) => value !== null && value > 0).map(Number);
  return Number(chooseScale(known, system).format(Math.min(...known))) < SMALLEST_IN_ONE_UNIT;
}

/** Build a column of numbers: `~` before an approximate one, `?` for an unknown one; in one unit where they are alike. */
export function scaleColumn<Row>(
  title: string,
  rows: readonly Row[],
  figures: {
    value: (row: Row) => number | null | undefined;
    isApproximate?: (row: Row) => boolean;
    /** What is added to a figure, but not part of it. */
    extra?: (row: Row) => number | null | undefined;
    /** The values between which a figure lies, where publishers differ. */
    range?: (row: Row) => readonly number[];
    scale: UnitSystem | "counts";
    /** True: each cell has its own unit. Left out, where the numbers differ much. */
    unitPerCell?: boolean | undefined;
    /** Return the cell of a row whose figure is unknown. */
    unknown?: (row: Row) => string;
    /** True: a bar may show the numbers. */
    hasBars?: boolean;
  },
): Column<Row> {
  const { value, scale, isApproximate = () => false, unknown = () => UNKNOWN } = figures;
  const { range = () => [], extra = () => null, hasBars = false } = figures;
  const values = rows.map((row) => value(row) ?? null);
  const { unitPerCell = differMuch(values, scale) } = figures;
  const { unit, format } = chooseScale(values, scale);
  const formatOne = unitPerCell ? (number: number) => formatNumber(number, scale) : format;
  const formatBoth = (least: number, most: number) =>
    unitPerCell ? formatRange(least, most, scale) : `${format(least)}–${format(most)}`;
  const formatCell = (row: Row) => {
    const number = value(row) ?? null;
    if (number === null) return unknown(row);
    const [least, most] = [Math.min(number, ...range(row)), Math.max(number, ...range(row))];
    const text = isRange(least, most) ? formatBoth(least, most) : formatOne(number);
    const added = extra(row);
    return `${isApproximate(row) ? "~" : ""}${text}${typeof added === "number" ? ` + ${formatOne(added)}` : ""}`;
  };
  const column = rightColumn(title, formatCell, unitPerCell ? "" : unit);
  return hasBars ? { ...column, bar: value } : column;
}

function formatNumber(number: number, scale: UnitSystem | "counts"): string {
  return scale === "counts" ? formatCount(number) : formatBytes(number, scale);
}

/** Render GitHub-flavored Markdown. Titles above indented rows become bold, since Markdown drops leading spaces. */
export function renderMarkdown({ heads, rows }: Table): string {
  const titles = heads.map(({ title, unit }) => escapeMarkdown(unit === "" ? title : `${title} (${unit})`));
  const rules = heads.map(({ align }) => (align === "right" ? "---:" : "---"));
  const hasTitles = rows.some(isIndented);
  const lines = rows.map((row) => {
    const [name = "", ...others] = row.map((cell) => escapeMarkdown(cell.trim()));
    return [hasTitles && !isIndented(row) ? `**${name}**` : name, ...others];
  });
  return [titles, rules, ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function isIndented([name = ""]: readonly string[]): boolean {
  return name.startsWith("  ");
}

/** Escape the characters that end a cell or start markup. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\|`<>*[\]]|(?<=\s|^)_|_(?=\s|$)/g, (character) => `\\${character}`);
}

/** Render comma-separated values (RFC 4180). */
export function renderCsv({ heads, rows }: Table): string {
  const lines = [heads.map(({ title }) => title), ...rows];
  return lines.map((cells) => cells.map(escapeCsv).join(",")).join("\n");
}

/**
 * Quote a cell where needed. A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula; where its language
 * separates cells by semicolons or tabs, so does a part of one (owasp.org/www-community/attacks/CSV_Injection).
 */
function escapeCsv(cell: string): string {
  const text = cell.replace(/(?<=^|[;,|\t])(?=["'\s]*[=+@\-＝＋－＠])/g, "'");
  return /[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
