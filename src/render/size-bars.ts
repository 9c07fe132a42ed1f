/** Bars next to the sizes of a table, in the block characters of a terminal. */
import type { Table } from "./table.ts";

/** The longest bar, in columns. */
const LONGEST = 6;

/** A part of a column in eighths: one to seven. */
const PARTS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** Return the largest number that a bar can show; 0 without any. */
export function findLargest({ bars }: Table): number {
  return bars.reduce((largest, row) => Math.max(largest, ...row.map(Number)), 0);
}

/** Add a bar to every cell with a number, and as much space to the other cells of its column. */
export function addBars(table: Table, largest = findLargest(table)): Table {
  const { heads, rows, bars } = table;
  if (largest === 0) return table;
  const hasBar = heads.map((_, column) => bars.some((row) => typeof row[column] === "number"));
  const pad = (text: string, column: number, bar: string) =>
    hasBar[column] ? `${text} ${bar.padEnd(LONGEST)}` : text;
  return {
    heads: heads.map(({ title, unit, align }, column) => ({
      title: pad(title, column, ""),
      unit: unit === "" ? "" : pad(unit, column, ""),
      align,
    })),
    rows: rows.map((row, index) =>
      row.map((cell, column) => pad(cell, column, formatBar((bars[index]?.[column] ?? 0) / largest))),
    ),
    bars,
  };
}

/**
 * Format a share as a bar. A size above zero has at least the thinnest one.
 * @example formatBar(0.5) //=> "███"
 */
export function formatBar(share: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(share * LONGEST * PARTS.length));
  return "█".repeat(Math.floor(eighths / PARTS.length)) + (PARTS[eighths % PARTS.length] ?? "");
}
