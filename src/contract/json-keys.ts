/** The keys of a JSON text: their lines, and those that it has twice. JSON.parse keeps the last one and says nothing. */
import { formatPath } from "./json-path.ts";

/** A string, or a character that opens, closes or separates. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

interface Container {
  /** The keys of an object so far; null for a list. */
  readonly keys: Set<string> | null;
  /** The key or the index that is being read. */
  at: string | number;
}

/** The limits of a config are nested this deep: `llm-size`, `budgets`, an index, `maxSize`. */
export const MAX_CONFIG_DEPTH = 4;

/** Return the paths of keys that an object of a valid JSON text has twice, such as `budgets[0].maxSize`. */
export function findDuplicateKeys(text: string): string[] {
  const found: string[] = [];
  for (const { open, isRepeated } of readKeys(text)) if (isRepeated) found.push(formatOpen(open));
  return found;
}

/** Return the line of each key of a valid JSON text, from 1, by its path; without keys that are nested deeper. */
export function findKeyLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let [line, counted] = [1, 0];
  for (const { open, at } of readKeys(text)) {
    for (; counted < at; counted++) if (text[counted] === "\n") line++;
    if (open.length <= MAX_CONFIG_DEPTH) lines.set(formatOpen(open), line);
  }
  return lines;
}

interface Key {
  /** What is open around the key, and the object that has it. */
  readonly open: readonly Container[];
  readonly at: number;
  readonly isRepeated: boolean;
}

function* readKeys(text: string): Generator<Key> {
  const open: Container[] = [];
  let last = { token: "", at: 0 };
  for (const { 0: token, index: at } of text.matchAll(TOKEN)) {
    const container = open.at(-1);
    if (token === "{") open.push({ keys: new Set(), at: "" });
    else if (token === "[") open.push({ keys: null, at: 0 });
    else if (token === "}" || token === "]") open.pop();
    else if (token === "," && typeof container?.at === "number") container.at++;
    else if (token === ":" && container?.keys) {
      container.at = String(JSON.parse(last.token));
      const isRepeated = container.keys.has(container.at);
      container.keys.add(container.at);
      yield { open, at: last.at, isRepeated };
    }
    last = { token, at };
  }
}

function formatOpen(open: readonly Container[]): string {
  return formatPath(open.map(({ at }) => at));
}
