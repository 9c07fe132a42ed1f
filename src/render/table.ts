/** Tables of any format: rows and columns become cells, and cells become Markdown or CSV; text has its own file. */
import { makePrintable } from "./text.ts";
import type { UnitSystem } from "./options.ts";
import { chooseScale } from "./units.ts";

export interface Column<Row> {
  readonly title: string;
  /** The one unit of all its cells. */
  readonly unit?: string;
  readonly align: "left" | "right";
  /** Return the text of a row; null where there is none. */
  cell(row: Row, index: number): string | number | null | undefined;
}

export interface Table {
  readonly heads: readonly { title: string; unit: string; align: "left" | "right" }[];
  /** One printable text per column. */
  readonly rows: readonly (readonly string[])[];
}

export function tabulate<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): Table {
  return {
    heads: columns.map(({ title, unit = "", align }) => ({ title: makePrintable(title), unit, align })),
    rows: rows.map((row, index) => columns.map(({ cell }) => makePrintable(String(cell(row, index) ?? "")))),
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

/** Build a column of numbers in one unit: `~` before an approximate one, `?` for an unknown one. */
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
  },
): Column<Row> {
  const { value, isApproximate = () => false, range = () => [], extra = () => null, scale } = figures;
  const { unit, format } = chooseScale(
    rows.map((row) => value(row) ?? null),
    scale,
  );
  const formatCell = (row: Row) => {
    const number = value(row) ?? null;
    if (number === null) return UNKNOWN;
    const [least, most] = [Math.min(number, ...range(row)), Math.max(number, ...range(row))];
    const text = most > least * (1 + NOTABLE) ? `${format(least)}–${format(most)}` : format(number);
    const added = extra(row);
    return `${isApproximate(row) ? "~" : ""}${text}${typeof added === "number" ? ` + ${format(added)}` : ""}`;
  };
  return rightColumn(title, formatCell, unit);
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
