/** Models that the Hub's own tools have downloaded to this disk. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../contract/json.ts";
import { listFolder } from "./list-folder.ts";
import { readFilesIn } from "./local.ts";
import {
  isCommitId,
  isSha256,
  sumBytes,
  UNKNOWN_REPOSITORY,
  type ModelRef,
  type Repository,
  type RepositoryFile,
} from "./repository.ts";
import { findHubCacheFolder, type System } from "./settings.ts";

const MAX_TREE_BYTES = 32_000_000;

/**
 * Open a model in the Hub's cache (`models--org--name` with `refs`, `snapshots` and perhaps `trees`, as
 * huggingface_hub lays it out); null when it is not there. Some of the listed files may not have been downloaded.
 */
export async function openDownloadedRepository(
  { id, revision, file, label }: ModelRef,
  system: System,
): Promise<Repository | null> {
  const folder = join(findHubCacheFolder(system), `models--${id.replace("/", "--")}`);
  const commit = await findCommit(folder, revision ?? "main");
  if (commit === null) return null;
  const snapshot = join(folder, "snapshots", commit);
  const { files: present, isCut } = await listFolder(snapshot).catch(() => ({ files: [], isCut: false }));
  if (present.length === 0) return null;
  const listed = await readTree(join(folder, "trees", `${commit}.json`));
  return {
    ...UNKNOWN_REPOSITORY,
    id,
    revision: commit,
    source: "cache",
    files: listed ?? present,
    isListingCut: listed === null && isCut,
    downloaded: new Set(present.map(({ path }) => path)),
    repositoryBytes: listed && sumBytes(listed),
    file,
    label,
    ...readFilesIn(snapshot, id),
  };
}

/** Return the commit of a revision as the cache last saw it. */
async function findCommit(folder: string, revision: string): Promise<string | null> {
  if (isCommitId(revision)) return revision;
  if (revision.split("/").some((part) => part === "" || part === "." || part === "..")) return null;
  const text = await readFile(join(folder, "refs", ...revision.split("/")), "utf8").catch(() => "");
  return isCommitId(text.trim()) ? text.trim() : null;
}

/** Read the whole listing, which huggingface_hub stores since its version 1. */
async function readTree(treePath: string): Promise<RepositoryFile[] | null> {
  try {
    const { size } = await stat(treePath);
    if (size > MAX_TREE_BYTES) return null;
    const tree = JSON.parse(await readFile(treePath, "utf8")) as unknown;
    const files = isObject(tree) && tree["format_version"] === 1 && isObject(tree["files"]) && tree["files"];
    if (!files) return null;
    return Object.entries(files).map(([path, sizes]) => {
      const { size: gitBytes, lfs_size: lfsBytes, lfs_sha256: sha256 } = isObject(sizes) ? sizes : {};
      const bytes = lfsBytes ?? gitBytes;
      if (!Number.isSafeInteger(bytes) || (bytes as number) < 0)
        throw new TypeError(`${path} is listed without a size`);
      return { path, bytes: bytes as number, ...(isSha256(sha256) && { hash: sha256 }) };
    });
  } catch {
    return null; // an older cache, or an unexpected form: use the files on this disk
  }
}
