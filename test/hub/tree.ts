import { type Answer, answerJson } from "./answer.ts";
import { denyEntry, denyQuery } from "./denials.ts";
import { pageOf } from "./pages.ts";
import type { Snapshot } from "./repository.ts";
import type { HubRequest } from "./request.ts";
import { type StoredFile, hash } from "./stored-file.ts";

/** The documentation says 100 in one place and 50 in another. */
const EXPANDED_PAGE = 50;
const PAGE = 1000;

export function answerTree(request: HubRequest, snapshot: Snapshot, folder: string): Answer {
  const query = request.url.searchParams;
  const expand = query.get("expand") === "true";
  const prefix = folder === "" ? "" : `${folder}/`;
  const inside = [...entriesOf(snapshot, expand)].filter(([path]) => path.startsWith(prefix));
  if (folder !== "" && inside.length === 0) return denyEntry(request, snapshot.commit);
  const wanted = inside.filter(
    ([path]) => query.get("recursive") === "true" || !path.slice(prefix.length).includes("/"),
  );
  const page = pageOf(request, wanted, expand ? EXPANDED_PAGE : PAGE);
  if (page === null) return denyQuery(request, "Invalid cursor");
  return answerJson(
    page.items.map(([, entry]) => entry),
    page.headers,
  );
}

/** JSON from the JavaScript library, a form from the Python one. Paths that do not exist are left out. */
export function answerPathsInfo(request: HubRequest, snapshot: Snapshot): Answer {
  const asked = readPaths(request);
  if (asked === null) return denyQuery(request, "Invalid body");
  const entries = entriesOf(snapshot, asked.expand);
  return answerJson(asked.paths.flatMap((path) => entries.get(path) ?? []));
}

function readPaths(request: HubRequest): { paths: string[]; expand: boolean } | null {
  if (!request.headers["content-type"]?.includes("json")) {
    const form = new URLSearchParams(request.body);
    return { paths: form.getAll("paths"), expand: form.get("expand") === "true" };
  }
  try {
    const { paths, expand } = JSON.parse(request.body) as Record<string, unknown>;
    return Array.isArray(paths) ? { paths: paths.map(String), expand: expand === true } : null;
  } catch {
    return null;
  }
}

/** Every folder, then every file, each sorted by path. */
function entriesOf(snapshot: Snapshot, expand: boolean): Map<string, object> {
  const files = [...snapshot.files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const folders = new Set(
    files.flatMap(({ path }) => {
      const names = path.split("/").slice(0, -1);
      return names.map((_, depth) => names.slice(0, depth + 1).join("/"));
    }),
  );
  const expanded = expand && {
    lastCommit: { id: snapshot.commit, title: "Upload", date: "2024-01-01T00:00:00.000Z" },
  };
  const entries = new Map<string, object>();
  for (const path of [...folders].toSorted())
    entries.set(path, { type: "directory", oid: hash("sha1", path), size: 0, path, ...expanded });
  for (const file of files) entries.set(file.path, { ...entryOf(file), ...expanded, ...(expand && SCANNED) });
  return entries;
}

const SCANNED = {
  securityFileStatus: {
    status: "safe",
    avScan: { status: "safe" },
    pickleImportScan: { status: "unscanned", pickleImports: [] },
  },
};

function entryOf({ path, oid, content, lfs, inGit }: StoredFile): object {
  const { size } = content;
  if (lfs === null) return { type: "file", oid, size, path };
  return {
    type: "file",
    oid,
    size,
    lfs: { oid: lfs.sha256, size, pointerSize: inGit.size },
    xetHash: lfs.xetHash,
    path,
  };
}
