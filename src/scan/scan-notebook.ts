/** Notebooks → the models that their code cells name. */
import type { Find } from "./find.ts";
import { scanShell } from "./scan-commands.ts";
import { scanProgram } from "./scan-program.ts";
import { parsePython } from "./syntax/python.ts";
import { SkipError, type IsLate } from "./syntax/read-tree.ts";

interface CellLine {
  /** With its line end. */
  readonly text: string;
  /** Where the line stands in the file, as JSON. */
  readonly at: number;
  /** True for a line of the shell: after `!` and its continuations, and in a cell of `%%bash`. */
  readonly isShell: boolean;
}

/** Scan all code cells as one program, since a later cell uses the names of an earlier one. */
export function scanNotebook(text: string, isLate: IsLate): Find[] {
  const lines = listCodeLines(text);
  // Lines for the shell would end the syntax of Python; those of Python are not commands.
  const python = lines.map(({ text: line, isShell }) => (isShell ? blank(line) : line)).join("");
  const script = lines
    .map(({ text: line, isShell }) => (isShell ? line.replace(MAGIC, blank) : blank(line)))
    .join("");
  const offsets = buildOffsets(lines);
  return [...scanProgram(parsePython(python, isLate), "python"), ...scanShell(script)].map((find) => ({
    ...find,
    at: toFile(find.at, offsets),
  }));
}

/** The start of a line that IPython removes before the shell gets it. */
const MAGIC = /^\s*(?:!|%%?(?:bash|sh|script|env|pip)?)[ \t]*/;

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

/** List the lines of all code cells. Throws SkipError for a file that is not a notebook. */
function listCodeLines(text: string): CellLine[] {
  let notebook: unknown;
  try {
    notebook = JSON.parse(text);
  } catch {
    throw new SkipError("it is not JSON");
  }
  const lines: CellLine[] = [];
  let position = 0;
  for (const cell of listItems(
    getKey(notebook, "cells") ?? getKey(listItems(getKey(notebook, "worksheets"))[0], "cells"),
  )) {
    if (getKey(cell, "cell_type") !== "code") continue;
    const source = getKey(cell, "source") ?? getKey(cell, "input");
    const written =
      typeof source === "string"
        ? source
        : listItems(source)
            .filter((line) => typeof line === "string")
            .join("");
    const isScript = /^\s*%%(?:bash|sh|script)\b/.test(written);
    let isContinued = false;
    for (const line of written.split(/(?<=\n)/)) {
      const code = line.replace(/\n$/, "");
      // Behind its quote, or within a cell that is one text.
      const json = JSON.stringify(code).slice(1, -1);
      const found = code.trim() === "" ? -1 : text.indexOf(json, position);
      if (found !== -1) position = found + json.length;
      const isShell: boolean = isScript || isContinued || /^\s*[!%]/.test(code);
      isContinued = isShell && /\\\s*$/.test(code);
      lines.push({ text: `${code}\n`, at: found === -1 ? position : found, isShell });
    }
  }
  return lines;
}

function buildOffsets(lines: readonly CellLine[]): { readonly from: number; readonly at: number }[] {
  let from = 0;
  return lines.map(({ text, at }) => {
    const offset = { from, at };
    from += text.length;
    return offset;
  });
}

/** The place in the file of an offset in the code; escapes before it shift the column a little, never the line. */
function toFile(offset: number, offsets: readonly { readonly from: number; readonly at: number }[]): number {
  const line = offsets.findLast(({ from }) => from <= offset);
  return line ? line.at + offset - line.from : 0;
}

function getKey(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function listItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
