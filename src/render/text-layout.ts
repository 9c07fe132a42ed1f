/** Text in columns and lines, by the width of characters on a terminal: a CJK character or an emoji takes two columns. */
import Table from "cli-table3";
import measureWidth from "string-width";
import type { FitOutcome, Outcome } from "../contract/terms.ts";
import type { Paint, RenderOptions } from "./options.ts";
import { addBars, findLargest } from "./size-bars.ts";
import { turnTable, type Table as Cells } from "./table.ts";

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
 * Render a table in at most `width` columns: with bars where there is room for them or where they are wanted, else
 * without; where it is too wide, the other way round, in groups of rows that fit. `narrow` is the same table with a unit in
 * each cell; without it, a table is never turned.
 */
export function layOutTable(
  table: Cells,
  narrow: Cells | undefined,
  { width, paint, bars, isTerminal }: Omit<RenderOptions, "units">,
): string {
  const barred = isTerminal && bars !== false ? addBars(table) : table;
  const wantsBars = bars === true && barred !== table;
  if (measureTable(barred, wantsBars ? "broken" : "whole") <= width) return renderTable(barred, width, paint);
  if (!narrow || (!wantsBars && measureTable(table, "broken") <= width))
    return renderTable(table, width, paint);
  return renderTurned(narrow, wantsBars ? findLargest(narrow) : 0, { width, paint });
}

/** Render groups of rows as columns, as many as fit; a block per row where only one fits. */
function renderTurned(
  table: Cells,
  largest: number,
  { width, paint }: Pick<RenderOptions, "width" | "paint">,
): string {
  const turned = addBars(turnTable(table), largest);
  const titles = Math.max(
    ...[table.heads[0]?.title ?? "", ...turned.rows.map(([title = ""]) => title)].map(measureWidth),
  );
  const widths = turned.heads.slice(1).map(({ title }, index) => {
    const figures = turned.rows.map((row) => measureWidth(row[index + 1] ?? ""));
    return Math.max(...figures, Math.min(NARROWEST_NAME, measureWidth(title)));
  });
  const most = Math.floor((width - titles) / (GUTTER + Math.max(...widths)));
  if (most < 2 || table.rows.length < 2) return renderBlocks(table, largest, paint);
  const count = Math.ceil(table.rows.length / Math.ceil(table.rows.length / most));
  const starts = widths.map((_, index) => index).filter((index) => index % count === 0);
  return starts
    .map((start) => {
      const group = { ...table, ...sliceRows(table, start, start + count) };
      const nameWidth = Math.floor((width - titles) / group.rows.length) - GUTTER;
      return renderColumns(addBars(turnTable(group), largest), nameWidth, paint);
    })
    .join("\n\n");
}

function sliceRows({ rows, bars }: Cells, start: number, end: number): Pick<Cells, "rows" | "bars"> {
  return { rows: rows.slice(start, end), bars: bars.slice(start, end) };
}

/** Render a table with long titles, each broken into lines that end above its figures. */
function renderColumns({ heads, rows }: Cells, titleWidth: number, paint: Paint): string {
  const titles = heads.map(({ title }) => {
    const space = / *$/.exec(title)?.[0] ?? ""; // above the bars
    return wrapName(title.trimEnd(), titleWidth - space.length)
      .split("\n")
      .map((line) => line + space);
  });
  const height = Math.max(...titles.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, line) =>
    titles.map((own) => paint.bold(own[line - height + own.length] ?? "")),
  );
  return renderCells(
    [...lines, ...rows.map((row) => paintOutcomes(row, paint))],
    heads.map(({ align }) => align),
  );
}

/** Return the columns of a terminal that a table takes with its names whole, or broken where they are long. */
function measureTable({ heads, rows }: Cells, names: "whole" | "broken"): number {
  const [name = 0, ...others] = heads.map(({ title, unit }, column) =>
    Math.max(...[title, unit, ...rows.map((row) => row[column] ?? "")].map(measureWidth)),
  );
  const least = names === "whole" ? name : Math.min(NARROWEST_NAME, name);
  return others.reduce((sum, other) => sum + GUTTER + other, least);
}

/**
 * Render a table in at most `width` columns of a terminal. Names that are too long continue on the next line, broken
 * after a separator; where even that does not fit, each row becomes a block of lines. Nothing is cut.
 */
export function renderTable(cells: Cells, width: number, paint: Paint): string {
  const { heads, rows } = cells;
  if (measureTable(cells, "broken") > width) return renderBlocks(cells, 0, paint);
  const widest = Math.max(
    ...heads.slice(0, 1).map(({ title }) => measureWidth(title)),
    ...rows.map(([name = ""]) => measureWidth(name)),
  );
  const nameWidth = width - (measureTable(cells, "whole") - widest);
  const hasUnits = heads.some(({ unit }) => unit !== "");
  const lines = [
    heads.map(({ title }) => paint.bold(title)),
    ...(hasUnits ? [heads.map(({ unit }) => paint.dim(unit))] : []),
    // A row per line: the library takes time by the square of the lines of a cell.
    ...rows.flatMap((row) => {
      const [name = "", ...figures] = paintOutcomes(row, paint);
      return wrapName(name, nameWidth)
        .split("\n")
        .map((line, index) => [line, ...figures.map((figure) => (index === 0 ? figure : ""))]);
    }),
  ];
  return renderCells(
    lines,
    heads.map(({ align }) => align),
  );
}

/** Render a block of lines per row: its name, and a figure per line. */
function renderBlocks(table: Cells, largest: number, paint: Paint): string {
  const blocks = table.rows.map((_, index) => {
    const { heads, rows } = addBars(turnTable({ ...table, ...sliceRows(table, index, index + 1) }), largest);
    const shown = rows.filter(([, figure]) => figure !== "").map((row) => paintOutcomes(row, paint));
    const lines = renderCells(shown, [
      "left",
      table.heads.every(({ align }, column) => column === 0 || align === "right") ? "right" : "left",
    ]);
    return [paint.bold(heads[1]?.title ?? ""), ...lines.split("\n").map((line) => `  ${line}`)].join("\n");
  });
  return trimLines(blocks.join("\n\n"));
}

function renderCells(lines: readonly (readonly string[])[], aligns: readonly ("left" | "right")[]): string {
  const table = new Table({
    chars: { ...BORDERLESS, middle: " ".repeat(GUTTER) },
    colAligns: [...aligns],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...lines.map((line) => [...line]));
  return trimLines(table.toString());
}

/** The color of an outcome. The word itself says the same. */
const OUTCOME_PAINT = {
  passed: "green",
  fits: "green",
  tight: "yellow",
  unknown: "yellow",
  exceeded: "red",
  exceeds: "red",
  "none fits": "red",
} as const satisfies Record<Outcome | FitOutcome | "none fits", keyof Paint>;

function paintOutcomes([name = "", ...cells]: readonly string[], paint: Paint): string[] {
  const painted = cells.map((cell) => {
    const [, outcome = cell] = /\((tight)\)$/.exec(cell) ?? [];
    const color = new Map<string, keyof Paint>(Object.entries(OUTCOME_PAINT)).get(outcome);
    return color === undefined ? cell : paint[color](cell);
  });
  return [name, ...painted];
}

/**
 * Break a name after the organization, else between words, after a dash, or after a dot; without any of these, where
 * the line is full. The indent stays.
 */
export function wrapName(name: string, width: number): string {
  const indent = /^ {0,4}/.exec(name)?.[0] ?? "";
  const lines: string[] = [];
  for (let at = indent.length; ;) {
    // A line takes a start of the rest, however long that is; a character may be several units.
    const text = name.slice(at, at + 16 * width);
    const head = cutText(text, width - indent.length);
    const isLast = at + head.length >= name.length;
    const end = isLast ? head.length : findBreak(head);
    lines.push(indent + head.slice(0, end));
    at += end;
    if (isLast) return lines.join("\n");
  }
}

function findBreak(head: string): number {
  const dash = Math.max(head.lastIndexOf("-"), head.lastIndexOf("_")) + 1;
  return (
    head.indexOf("/") + 1 || head.lastIndexOf(" ") + 1 || dash || head.lastIndexOf(".") + 1 || head.length
  );
}

/** Return the longest start of a text that fits, but at least one character. */
function cutText(text: string, width: number): string {
  // Most names are plain; the first segmenter of a process takes longer than all else in the table.
  if (/^[\x20-\x7e]*$/.test(text)) return text.slice(0, Math.max(1, width));
  let head = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (head !== "" && measureWidth(head + segment) > width) break;
    head += segment;
  }
  return head;
}

/** Break a sentence between words. The first line and all others begin with an indent each; a long word stays whole. */
export function wrapWords(text: string, width: number, first: string, others: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const indent = lines.length === 0 ? first : others;
    const longer = line === "" ? indent + word : `${line} ${word}`;
    if (line !== "" && measureWidth(longer) > width) {
      lines.push(line);
      line = others + word;
    } else line = longer;
  }
  return [...lines, line].join("\n");
}

function trimLines(text: string): string {
  return text.replace(/[^\S\n]+$/gm, "");
}
