/** The order of models in a table. */
import type { ModelReport } from "../contract/types.ts";

export const SORT_KEYS = ["size", "params", "name"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/**
 * Sort models by name, or the largest first by parameters or by size; an unknown figure goes last. The size is that at the
 * first quantization where one was chosen, else the download as published.
 */
export function sortModels(
  models: readonly ModelReport[],
  key: SortKey,
  { isChosen }: { readonly isChosen: boolean },
): ModelReport[] {
  if (key === "name") return models.toSorted((a, b) => compareNames(a.id, b.id));
  const measure = ({ parameters, published, sizes }: ModelReport): number => {
    const bytes = isChosen ? sizes[0]?.bytes : published?.bytes;
    return (key === "params" ? parameters.total : bytes) ?? -1;
  };
  return models.toSorted((a, b) => measure(b) - measure(a));
}

/** Names with numbers are compared as people count: 7b before 13b. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
}
