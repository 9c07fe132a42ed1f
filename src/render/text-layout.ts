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
    heads.map(({ title, unit }) => paint.bold(title) + (hasUnits ? `\n${paint.dim(unit)}` : "")),
    ...rows.map(([name = "", ...figures]) => [wrapName(name, nameWidth), ...figures]),
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
  const text = name.slice(indent.length);
  const head = cutText(text, width - indent.length);
  if (head === text) return name;
  const dash = Math.max(head.lastIndexOf("-"), head.lastIndexOf("_")) + 1;
  const end =
    head.indexOf("/") + 1 || head.lastIndexOf(" ") + 1 || dash || head.lastIndexOf(".") + 1 || head.length;
  return `${indent}${text.slice(0, end)}\n${wrapName(indent + text.slice(end), width)}`;
}

/** Return the longest start of a text that fits, but at least one character. */
function cutText(text: string, width: number): string {
  if (measureWidth(text) <= width) return text;
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
