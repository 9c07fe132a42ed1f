import { formatPath } from "./json-path.ts";

/** Return the path of the first number that is not finite, or an integer beyond 2^53 and so perhaps not exact; null without one. */
export function findUnsafeNumber(document: unknown): string | null {
  const open: { readonly value: unknown; readonly path: readonly PropertyKey[] }[] = [
    { value: document, path: [] },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next;
    if (typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) return formatPath(path);
    if (typeof value !== "object" || value === null) continue;
    const entries: Iterable<[PropertyKey, unknown]> = Array.isArray(value)
      ? value.entries()
      : Object.entries(value);
    for (const [key, part] of entries) open.push({ value: part, path: [...path, key] });
  }
  return null;
}
