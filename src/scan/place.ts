/** Finds of a file → the finds of the document: with lines and columns, and the comments that say to ignore them. */
import type { CodeFind } from "../contract/types.ts";
import { formatReference, type Find } from "./find.ts";

/** `llm-size-ignore: why`, and for the whole file `llm-size-ignore-file: why`. Without a reason nothing is ignored. */
const IGNORE = /llm-size-ignore(-file)?:[ \t]*(\S[^\r\n]*)/g;

/** The end of a comment, after its text. */
const COMMENT_END = /\s*(?:\*\/|-->|\\n",?|",?)\s*$/;

export function placeFinds(path: string, text: string, finds: readonly Find[]): CodeFind[] {
  if (finds.length === 0) return [];
  const starts = listLineStarts(text);
  const reasons = readReasons(text, starts);
  return finds.map(({ model, at, ...find }) => {
    const line = countLine(starts, at);
    return {
      path,
      line,
      column: at - (starts[line - 1] ?? 0) + 1,
      reference: formatReference(model),
      ...model,
      ...find,
      ignored: reasons.get(line) ?? reasons.get(WHOLE_FILE) ?? null,
    };
  });
}

/** Stands for every line. */
const WHOLE_FILE = 0;

/** Return the reasons by line: a comment is about its own line, or alone on it about the next one. */
function readReasons(text: string, starts: readonly number[]): Map<number, string> {
  const reasons = new Map<number, string>();
  for (const { 1: file, 2: why = "", index } of text.matchAll(IGNORE)) {
    const line = countLine(starts, index);
    const before = text.slice(starts[line - 1], index);
    const isAlone = /^\s*(?:\/\/|#|\/\*|<!--|--|"#|"\/\/)?\s*$/.test(before);
    reasons.set(file === undefined ? (isAlone ? line + 1 : line) : WHOLE_FILE, why.replace(COMMENT_END, ""));
  }
  return reasons;
}

function listLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Return the line of an offset, from 1. */
function countLine(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
