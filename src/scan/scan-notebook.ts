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
}

/** Scan all code cells as one program, since a later cell uses the names of an earlier one. */
export function scanNotebook(text: string, isLate: IsLate): Find[] {
  const lines = listCodeLines(text);
  const shell = lines.map(({ text: line }) => /^\s*[!%]/.test(line));
  // Lines for the shell would end the syntax of Python.
  const python = lines
    .map(({ text: line }, index) => (shell[index] ? `${" ".repeat(line.length - 1)}\n` : line))
    .join("");
  const offsets = buildOffsets(lines);
  const finds = scanProgram(parsePython(python, isLate), "python").map((find) => ({
    ...find,
    at: toFile(find.at, offsets),
  }));
  const commands = lines.flatMap(({ text: line, at }, index) => {
    if (!shell[index]) return [];
    const [prefix = ""] = /^\s*(?:!|%%?(?:bash|sh|env|pip)?)\s*/.exec(line) ?? [];
    return scanShell(line.slice(prefix.length)).map((find) => ({
      ...find,
      at: at + prefix.length + find.at,
    }));
  });
  return [...finds, ...commands];
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
    for (const line of written.split(/(?<=\n)/)) {
      const code = line.replace(/\n$/, "");
      // Behind its quote, or within a cell that is one text.
      const json = JSON.stringify(code).slice(1, -1);
      const found = code.trim() === "" ? -1 : text.indexOf(json, position);
      if (found !== -1) position = found + json.length;
      lines.push({ text: `${code}\n`, at: found === -1 ? position : found });
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
