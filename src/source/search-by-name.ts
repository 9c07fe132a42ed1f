/** Names without an organization that neither the catalog nor the Hub itself knows: the Hub is searched for them. */
import { LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import { suggestModels } from "./catalog/near.ts";
import type { Hub } from "./hub/hub.ts";

/**
 * What people mean by a name is downloaded far more often than its namesakes. The Hub counts the last 30 days:
 * google-bert/bert-base-uncased 72,376,843 in 2026, the stranger's `llama3` of 3.67 MB that a gate once passed 12. A
 * repository that a few machines fetch daily stays below 10,000, and ten times is more than a week's fashion moves.
 */
export const MIN_DOWNLOADS = 10_000;
export const MIN_LEAD = 10;

const MAX_CANDIDATES = 5;

interface FoundModel {
  readonly id: string;
  /** Of the last 30 days. */
  readonly downloads: number;
}

/**
 * Search the Hub for the one well-known repository of exactly this name. Throws MODEL_AMBIGUOUS where there is none but
 * namesakes, or for a gate, and MODEL_NOT_FOUND.
 */
export async function searchByName(
  hub: Hub,
  name: string,
  options: { readonly isGate: boolean },
): Promise<{ id: string; note: Note }> {
  const { requestSearch } = await import("./hub/listings.ts");
  return chooseNamesake(name, await requestSearch(hub, name), options);
}

/** Choose among the results of a search, in any order. */
export function chooseNamesake(
  name: string,
  found: readonly FoundModel[],
  { isGate }: { readonly isGate: boolean },
): { id: string; note: Note } {
  const exact = found
    .filter(({ id }) => id.slice(id.lastIndexOf("/") + 1).toLowerCase() === name.toLowerCase())
    .toSorted((a, b) => b.downloads - a.downloads);
  const [first, second] = exact;
  if (!first) {
    const similar = [...suggestModels(name), ...found.slice(0, 3).map(({ id }) => id)];
    throw new LlmSizeError("MODEL_NOT_FOUND", { model: name, similar });
  }
  const leads = first.downloads >= MIN_DOWNLOADS && first.downloads >= MIN_LEAD * (second?.downloads ?? 0);
  if (isGate || !leads)
    throw new LlmSizeError("MODEL_AMBIGUOUS", { model: name, candidates: exact.slice(0, MAX_CANDIDATES) });
  const others = exact.length === 1 ? "the only model" : `by far the most downloaded of ${exact.length}`;
  return {
    id: first.id,
    note: { code: "NAME_RESOLVED", message: `${name} resolved to ${first.id}, ${others} of that name` },
  };
}
