/** Models that the Hub's own tools have downloaded to this disk, read where they lie. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../contract/json.ts";
import type { Asked } from "./asked.ts";
import { isCommitId } from "./commit-id.ts";
import { listFolder, readFilesIn } from "./local.ts";
import { sumBytes, type Repository, type RepositoryFile } from "./repository.ts";
import { readHubCacheFolder, type Environment } from "./settings.ts";

const MAX_TREE_BYTES = 32_000_000;

/**
 * Opens a model in the Hub's cache (`models--org--name` with `refs`, `snapshots` and perhaps `trees`, as
 * huggingface_hub lays it out); null when it is not there. Some of the listed files may not have been downloaded.
 */
export async function openDownloadedRepository(
  { id, revision, path }: Asked,
  env: Environment,
): Promise<Repository | null> {
  const folder = join(readHubCacheFolder(env), `models--${id.replace("/", "--")}`);
  const commit = await findCommit(folder, revision ?? "main");
  if (commit === null) return null;
  const snapshot = join(folder, "snapshots", commit);
  const present = await listFolder(snapshot).catch(() => []);
  if (present.length === 0) return null;
  const listed = await readTree(join(folder, "trees", `${commit}.json`));
  return {
    id,
    revision: commit,
    source: "cache",
    files: listed ?? present,
    downloaded: new Set(present.map((file) => file.path)),
    repositoryBytes: listed && sumBytes(listed),
    path,
    summary: null,
    findInCatalog: () => null,
    cached: null,
    notes: [],
    ...readFilesIn(snapshot, id),
  };
}

/** A commit is its own name; of any other the cache says what it last was. */
async function findCommit(folder: string, revision: string): Promise<string | null> {
  if (isCommitId(revision)) return revision;
  if (revision.split("/").some((part) => part === "" || part === "." || part === "..")) return null;
  const text = await readFile(join(folder, "refs", ...revision.split("/")), "utf8").catch(() => "");
  return isCommitId(text.trim()) ? text.trim() : null;
}

/** The whole listing, also of files that were not downloaded: huggingface_hub has kept it since its version 1. */
async function readTree(path: string): Promise<RepositoryFile[] | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_TREE_BYTES) return null;
    const tree = JSON.parse(await readFile(path, "utf8")) as unknown;
    const files = isObject(tree) && tree["format_version"] === 1 && isObject(tree["files"]) && tree["files"];
    if (!files) return null;
    return Object.entries(files).map(([file, facts]) => {
      const { size: gitBytes, lfs_size: lfsBytes } = isObject(facts) ? facts : {};
      const bytes = lfsBytes ?? gitBytes;
      if (!Number.isSafeInteger(bytes) || (bytes as number) < 0) throw new TypeError(`${file} has no size`);
      return { path: file, bytes: bytes as number };
    });
  } catch {
    return null; // an older cache, or not as expected: what is on the disk is known all the same
  }
}
