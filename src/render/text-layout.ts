/** Text in columns and lines, by the width of characters on a terminal: a CJK character or an emoji takes two columns. */
import Table from "cli-table3";
import measureWidth from "string-width";
import type { Paint } from "./options.ts";
import type { Table as Cells } from "./table.ts";

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
 * Render a table in at most `width` columns of a terminal. Names that are too long continue on the next line, broken
 * after a separator; where even that does not fit, each row becomes a block of lines. Nothing is cut.
 */
export function renderTable(cells: Cells, width: number, paint: Paint): string {
  const { heads, rows } = cells;
  const [names = 0, ...others] = heads.map(({ title, unit }, column) =>
    Math.max(...[title, unit, ...rows.map((row) => row[column] ?? "")].map(measureWidth)),
  );
  const nameWidth = width - others.reduce((sum, other) => sum + GUTTER + other, 0);
  if (nameWidth < Math.min(NARROWEST_NAME, names)) return renderBlocks(cells, paint);
  const table = new Table({
    chars: { ...BORDERLESS, middle: " ".repeat(GUTTER) },
    colAligns: heads.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  const hasUnits = heads.some(({ unit }) => unit !== "");
  table.push(
    // A row per line: the library takes time by the square of the lines of a cell.
    heads.map(({ title }) => paint.bold(title)),
    ...(hasUnits ? [heads.map(({ unit }) => paint.dim(unit))] : []),
    ...rows.flatMap(([name = "", ...figures]) =>
      wrapName(name, nameWidth)
        .split("\n")
        .map((line, index) => [line, ...figures.map((figure) => (index === 0 ? figure : ""))]),
    ),
  );
  return trimLines(table.toString());
}

function renderBlocks({ heads, rows }: Cells, paint: Paint): string {
  const titleWidth = Math.max(...heads.slice(1).map(({ title }) => measureWidth(title)));
  const blocks = rows.map(([name = "", ...figures]) => {
    const lines = figures.map((figure, column) => {
      const { title = "", unit = "" } = heads[column + 1] ?? {};
      const padding = " ".repeat(titleWidth - measureWidth(title));
      return figure === "" ? [] : [`  ${title}${padding}  ${figure} ${unit}`];
    });
    return [paint.bold(name), ...lines.flat()].join("\n");
  });
  return trimLines(blocks.join("\n\n"));
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
