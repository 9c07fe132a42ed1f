/** Return a path in a JSON document as people write it. @example formatPath(["budgets", 2, "maxSize"]) //=> "budgets[2].maxSize" */
export function formatPath(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return parts.join("").replace(/^\./, "");
}
