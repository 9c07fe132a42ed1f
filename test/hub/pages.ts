import type { HubRequest } from "./request.ts";

/** One page of a list and the `Link` header to the next one. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly headers: Record<string, string>;
}

/** Cuts the page that `limit` and `cursor` ask for; null when the cursor is not one of ours. */
export function pageOf<Item>(
  request: HubRequest,
  all: readonly Item[],
  defaultLimit: number,
  maxLimit = defaultLimit,
): Page<Item> | null {
  const query = request.url.searchParams;
  const asked = Number(query.get("limit") ?? defaultLimit);
  const limit = Math.min(Number.isSafeInteger(asked) && asked > 0 ? asked : defaultLimit, maxLimit);
  const cursor = query.get("cursor");
  const start = cursor === null ? 0 : readCursor(cursor);
  if (start === null) return null;
  const end = start + limit;
  if (end >= all.length) return { items: all.slice(start), headers: {} };
  const next = new URL(request.url);
  next.searchParams.set("limit", String(limit));
  next.searchParams.set("cursor", writeCursor(end, limit));
  return { items: all.slice(start, end), headers: { Link: `<${next.href}>; rel="next"` } };
}

/** Opaque and wrapped twice, as the Hub's are. */
function writeCursor(offset: number, limit: number): string {
  return btoa(`${btoa(JSON.stringify({ offset }))}:${limit}`);
}

function readCursor(cursor: string): number | null {
  try {
    const [inner = ""] = atob(cursor).split(":");
    const { offset } = JSON.parse(atob(inner)) as { offset: unknown };
    return typeof offset === "number" ? offset : null;
  } catch {
    return null;
  }
}
