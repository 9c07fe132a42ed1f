import { type Answer, answerRedirect } from "./answer.ts";
import { denyFiles, denyRepository, denyRevision, denyToken } from "./denials.ts";
import { type Shelf, type Snapshot, type StoredRepository, findSnapshot } from "./repository.ts";
import { type HubRequest, idLength } from "./request.ts";

/** A model's name in a path and what follows it. */
export interface Addressed {
  /** Where in the path's segments the name begins. */
  readonly start: number;
  readonly name: string;
  readonly rest: readonly string[];
}

/** Reads the model's name that begins at segment `start`. */
export function address(request: HubRequest, start: number): Addressed {
  const segments = request.segments.slice(start);
  const length = idLength(segments);
  return { start, name: segments.slice(0, length).join("/"), rest: segments.slice(length) };
}

/** Answers about a repository if the caller may know of it; otherwise says no, or where it went. */
export function withRepository(
  request: HubRequest,
  shelf: Shelf,
  { start, name }: Addressed,
  answer: (repository: StoredRepository) => Answer,
): Answer {
  if (isRefused(request)) return denyToken(request);
  const repository = shelf.find(name);
  if (repository === undefined || (repository.private && request.identity !== "approved"))
    return denyRepository(request);
  if (repository.id === name) return answer(repository);
  const path = request.url.pathname.split("/");
  path.splice(start + 1, name.split("/").length, repository.id);
  return answerRedirect(307, path.join("/") + request.url.search);
}

/** The same, for the bytes of its files. */
export function withFiles(
  request: HubRequest,
  shelf: Shelf,
  addressed: Addressed,
  answer: (repository: StoredRepository) => Answer,
): Answer {
  const repository = shelf.find(addressed.name);
  // A gated file says "gated" even to a bad token, word for word as to an anonymous caller.
  if (isRefused(request) && repository !== undefined && !repository.private)
    return denyFiles(request, repository) ?? denyToken(request);
  return withRepository(request, shelf, addressed, (open) => denyFiles(request, open) ?? answer(open));
}

/** Answers about one commit, or says that the revision is unknown. */
export function withSnapshot(
  request: HubRequest,
  repository: StoredRepository,
  revision: string,
  answer: (snapshot: Snapshot) => Answer,
): Answer {
  const snapshot = findSnapshot(repository, revision);
  return snapshot === undefined ? denyRevision(request, revision) : answer(snapshot);
}

/** Splits `{revision}/{path}`; a ref may come unescaped, as three segments (`refs/pr/1`). */
export function splitRevision(segments: readonly string[]): { revision: string; path: string } {
  const length = segments[0] === "refs" ? 3 : 1;
  return { revision: segments.slice(0, length).join("/"), path: segments.slice(length).join("/") };
}

export function isRefused({ identity }: HubRequest): boolean {
  return identity === "invalid" || identity === "expired";
}
