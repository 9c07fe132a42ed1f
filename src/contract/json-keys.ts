/** Find keys that a JSON text has twice: JSON.parse keeps the last one and says nothing. */

/** A string, or a character that opens, closes or separates. */
const TOKEN = /"(?:[^"\\]+|\\.)*"|[{}[\]:,]/g;

interface Container {
  /** The keys of an object so far; null for a list. */
  readonly keys: Set<string> | null;
  /** The key or the index that is being read. */
  at: string | number;
}

/** Return the paths of keys that an object of a valid JSON text has twice, such as `budgets[0].maxSize`. */
export function findDuplicateKeys(text: string): string[] {
  const found: string[] = [];
  const open: Container[] = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const container = open.at(-1);
    if (token === "{") open.push({ keys: new Set(), at: "" });
    else if (token === "[") open.push({ keys: null, at: 0 });
    else if (token === "}" || token === "]") open.pop();
    else if (token === "," && typeof container?.at === "number") container.at++;
    else if (token === ":" && container?.keys) {
      container.at = String(JSON.parse(last));
      if (container.keys.has(container.at)) found.push(formatPath(open.map(({ at }) => at)));
      container.keys.add(container.at);
    }
    last = token;
  }
  return found;
}

/** @example formatPath(["budgets", 2, "maxSize"]) //=> "budgets[2].maxSize" */
export function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return parts.join("").replace(/^\./, "");
}
