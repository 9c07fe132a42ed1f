import { type Answer, answerBytes, answerJson, answerRedirect } from "./answer.ts";
import { denyEntry } from "./denials.ts";
import type { Snapshot, StoredRepository } from "./repository.ts";
import type { HubRequest } from "./request.ts";
import type { StoredFile } from "./stored-file.ts";

/** Makes the signed URL of an LFS file. */
export type SignUrl = (repository: StoredRepository, file: StoredFile) => string;

const XET_TYPE = "application/vnd.xet-fileinfo+json";
const XET_SERVER = "https://cas-server.xethub.hf.co";

/** `/{id}/resolve/{revision}/{path}`: small files lie behind a redirect on the Hub, LFS files behind one to the CDN. */
export function answerResolve(
  request: HubRequest,
  repository: StoredRepository,
  snapshot: Snapshot,
  path: string,
  signUrl: SignUrl,
): Answer {
  const file = snapshot.files.get(path);
  if (file === undefined) return denyEntry(request, snapshot.commit);
  const headers = {
    "X-Repo-Commit": snapshot.commit,
    "Accept-Ranges": "bytes",
    "Content-Disposition": disposition(path),
  };
  if (file.content.size === 0) return gitFile(request, snapshot, file);
  if (file.lfs === null) return { ...redirectToCache(request, repository, file, headers), file };
  const xet = xetUrls(request, repository, snapshot, file.lfs.xetHash);
  const linked = {
    ...headers,
    "X-Linked-Size": String(file.content.size),
    "X-Linked-Etag": `"${file.lfs.sha256}"`,
    "X-Xet-Hash": file.lfs.xetHash,
    Link: `<${xet.refreshUrl}>; rel="xet-auth", <${xet.reconstructionUrl}>; rel="xet-reconstruction-info"`,
    "Cache-Control": "no-store",
  };
  if (!request.headers.accept?.includes(XET_TYPE))
    return { ...answerRedirect(302, signUrl(repository, file), linked), file };
  const { size } = file.content;
  const value = { hash: file.lfs.xetHash, ...xet, etag: linked["X-Linked-Etag"], size };
  return { ...answerJson(value, { ...linked, "Content-Type": XET_TYPE }), file };
}

/** `/{id}/raw/…`: what git holds, so the pointer of an LFS file. */
export function answerRaw(request: HubRequest, snapshot: Snapshot, path: string): Answer {
  const file = snapshot.files.get(path);
  return file === undefined ? denyEntry(request, snapshot.commit) : gitFile(request, snapshot, file);
}

/** `/api/resolve-cache/models/{id}/{commit}/{path}`: only what is in git lies there. */
export function answerResolveCache(request: HubRequest, snapshot: Snapshot, path: string): Answer {
  const file = snapshot.files.get(path);
  return file === undefined || file.lfs !== null
    ? denyEntry(request, snapshot.commit)
    : gitFile(request, snapshot, file);
}

function gitFile(request: HubRequest, snapshot: Snapshot, file: StoredFile): Answer {
  const headers = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Disposition": disposition(file.path),
    ETag: `"${file.oid}"`,
    "X-Repo-Commit": snapshot.commit,
  };
  return { ...answerBytes(file.inGit, request.headers.range, headers), file };
}

function redirectToCache(
  request: HubRequest,
  repository: StoredRepository,
  file: StoredFile,
  headers: Record<string, string>,
): Answer {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const from = encodeURIComponent(request.url.pathname);
  const location = `/api/resolve-cache/models/${repository.id}/${headers["X-Repo-Commit"]}/${path}?${from}=&etag=%22${file.oid}%22`;
  return answerRedirect(307, location, { ...headers, "X-Linked-Etag": `"${file.oid}"` });
}

function xetUrls(
  request: HubRequest,
  repository: StoredRepository,
  { commit }: Snapshot,
  xetHash: string,
): { refreshUrl: string; reconstructionUrl: string } {
  return {
    refreshUrl: `${request.url.origin}/api/models/${repository.id}/xet-read-token/${commit}`,
    reconstructionUrl: `${XET_SERVER}/v1/reconstructions/${xetHash}`,
  };
}

function disposition(path: string): string {
  const name = encodeURIComponent(path.split("/").at(-1) ?? "");
  return `inline; filename*=UTF-8''${name}; filename="${name}";`;
}
