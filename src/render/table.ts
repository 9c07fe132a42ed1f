import Table from "cli-table3";
import type { Column } from "./comparison.ts";
import type { Paint } from "./paint.ts";

const GUTTER = 2;
const NARROWEST_NAME = 16;

/** No frame: only space between columns. */
const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("middle")
    .map((part) => [part, ""]),
);

/**
 * Lays columns out in at most `width` characters. Names that are too long continue on the next line, broken after a
 * separator; where even that does not fit, each row becomes a block of lines. Nothing is ever cut.
 */
export function renderTable(columns: readonly Column[], width: number, paint: Paint): string {
  const [names, ...rest] = columns;
  if (!names) return "";
  const restWidth = rest.reduce((sum, column) => sum + GUTTER + measureColumn(column), 0);
  const nameWidth = width - restWidth;
  if (nameWidth < Math.min(NARROWEST_NAME, measureColumn(names))) return renderBlocks(columns, paint);
  const wrapped = { ...names, cells: names.cells.map((name) => wrapName(name, nameWidth)) };
  const table = new Table({
    chars: { ...BORDERLESS, middle: " ".repeat(GUTTER) },
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  const laidOut = [wrapped, ...rest];
  if (columns.some(({ unit }) => unit !== ""))
    table.push(laidOut.map(({ title, unit }) => `${paint.bold(title)}\n${paint.dim(unit)}`));
  else table.push(laidOut.map(({ title }) => paint.bold(title)));
  names.cells.forEach((_, row) => table.push(laidOut.map(({ cells }) => cells[row] ?? "")));
  return trimLines(table.toString());
}

function renderBlocks(columns: readonly Column[], paint: Paint): string {
  const [names, ...rest] = columns;
  const titleWidth = Math.max(...rest.map(({ title }) => title.length));
  const blocks = (names?.cells ?? []).map((name, row) =>
    [
      paint.bold(name),
      ...rest
        .filter(({ cells }) => cells[row] !== "")
        .map(({ title, unit, cells }) => `  ${title.padEnd(titleWidth)}  ${cells[row] ?? ""} ${unit}`),
    ].join("\n"),
  );
  return trimLines(blocks.join("\n\n"));
}

function measureColumn({ title, unit, cells }: Column): number {
  return Math.max(title.length, unit.length, ...cells.map((cell) => cell.length));
}

/**
 * Breaks after the organization first, then between words, after a dash, after a dot; where there is none, where it must.
 * An indent stays.
 */
export function wrapName(name: string, width: number): string {
  const indent = /^ {0,4}/.exec(name)?.[0] ?? "";
  const room = Math.max(1, width - indent.length);
  const text = name.slice(indent.length);
  if (text.length <= room) return name;
  const head = text.slice(0, room);
  const dash = Math.max(head.lastIndexOf("-"), head.lastIndexOf("_")) + 1;
  const end = head.indexOf("/") + 1 || head.lastIndexOf(" ") + 1 || dash || head.lastIndexOf(".") + 1 || room;
  return `${indent}${text.slice(0, end)}\n${wrapName(indent + text.slice(end), width)}`;
}

function trimLines(text: string): string {
  return text.replace(/[^\S\n]+$/gm, "");
}
