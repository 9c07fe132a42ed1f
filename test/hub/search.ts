import { type Answer, answerJson } from "./answer.ts";
import { denyQuery, denyToken } from "./denials.ts";
import { isRefused } from "./access.ts";
import { denyUnknown, listModel, readExpand } from "./model-info.ts";
import { pageOf } from "./pages.ts";
import type { Shelf, StoredRepository } from "./repository.ts";
import type { HubRequest } from "./request.ts";

const MAX_PAGE = 1000;

/** `GET /api/models`: every word of `search` in the id, most downloaded first (the Hub's own order is trending). */
export function answerSearch(request: HubRequest, shelf: Shelf): Answer {
  if (isRefused(request)) return denyToken(request);
  const expand = readExpand(request);
  const denied = denyUnknown(request, expand ?? []);
  if (denied !== null) return denied;
  const found = shelf
    .all()
    .filter((repository) => !repository.private || request.identity === "approved")
    .filter((repository) => matches(repository, request.url.searchParams))
    .toSorted(orderOf(request.url.searchParams));
  const page = pageOf(request, found, MAX_PAGE);
  if (page === null) return denyQuery(request, "Invalid cursor");
  return answerJson(
    page.items.map((repository) => listModel(repository, expand)),
    page.headers,
  );
}

function matches({ id, main }: StoredRepository, query: URLSearchParams): boolean {
  const { tags = [], library_name: library, pipeline_tag: task } = main.info;
  const author = query.get("author");
  const words = (query.get("search") ?? "").toLowerCase().split(/\s+/);
  return (
    words.every((word) => id.toLowerCase().includes(word)) &&
    (author === null || id.toLowerCase().startsWith(`${author.toLowerCase()}/`)) &&
    [null, task].includes(query.get("pipeline_tag")) &&
    query.getAll("filter").every((filter) => [...tags, library, task].includes(filter))
  );
}

function orderOf(query: URLSearchParams): (a: StoredRepository, b: StoredRepository) => number {
  const sign = query.get("direction") === "1" ? 1 : -1;
  const sort = query.get("sort");
  const keyOf = ({ id, main: { info } }: StoredRepository): string | number => {
    if (sort === "id") return id;
    if (sort === "lastModified") return info.lastModified ?? "";
    return (sort === "likes" ? info.likes : info.downloads) ?? 0;
  };
  return (a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  };
}
