/** How large the cache is, and how it is kept from growing. Only what looks like its own is ever removed. */
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { DRAFT_ENDING } from "../../files/atomic-write.ts";
import { CACHE_VERSION } from "./entry.ts";

/** Some 20,000 models of usual size. */
export const CACHE_LIMIT_BYTES = 256_000_000;

export const VERSION_FOLDER = `v${CACHE_VERSION}`;
export const ENTRY_ENDING = ".json.gz";
/** Before what a name means: `@main`. */
export const NAME_PREFIX = "@";

/** A draft of this age is of a process that was killed. */
const STALE_DRAFT_MS = 3_600_000;

export interface CacheSize {
  /** Models at a commit. */
  readonly entries: number;
  readonly bytes: number;
}

interface CacheFile {
  readonly path: string;
  readonly kind: "entry" | "name" | "draft" | "old";
  readonly bytes: number;
  readonly usedAtMs: number;
}

export async function measureCache(folder: string): Promise<CacheSize> {
  return sum(await listCacheFiles(folder));
}

/** Removes what was used longest ago until the rest is within the limit, and what killed or older programs left. */
export async function pruneCache(folder: string, maxBytes: number): Promise<CacheSize> {
  const files = await listCacheFiles(folder);
  let kept = files.reduce((bytes, file) => bytes + file.bytes, 0);
  const removed = files
    .toSorted((a, b) => a.usedAtMs - b.usedAtMs)
    .filter((file) => {
      // A clock that was set back makes drafts of the future.
      const isStale = Math.abs(Date.now() - file.usedAtMs) > STALE_DRAFT_MS;
      const mustGo = file.kind === "old" || (file.kind === "draft" ? isStale : kept > maxBytes);
      if (!mustGo) return false;
      kept -= file.bytes;
      return true;
    });
  await remove(folder, removed);
  return sum(removed);
}

export async function clearCache(folder: string): Promise<CacheSize> {
  const files = await listCacheFiles(folder);
  await remove(folder, files);
  return sum(files);
}

function sum(files: readonly CacheFile[]): CacheSize {
  return {
    entries: files.filter(({ kind }) => kind === "entry").length,
    bytes: files.reduce((bytes, file) => bytes + file.bytes, 0),
  };
}

/** Folder, version, endpoint, model, file. */
async function listCacheFiles(folder: string): Promise<CacheFile[]> {
  const versions = (await list(folder)).filter((name) => /^v\d+$/.test(name));
  const files: CacheFile[] = [];
  for (const version of versions)
    for (const endpoint of await list(join(folder, version)))
      for (const model of await list(join(folder, version, endpoint)))
        for (const name of await list(join(folder, version, endpoint, model))) {
          const kind = classify(name);
          const path = join(folder, version, endpoint, model, name);
          const file = await stat(path).catch(() => null); // another process may have been faster
          if (kind === null || !file?.isFile()) continue;
          const isOld = version !== VERSION_FOLDER;
          files.push({ path, kind: isOld ? "old" : kind, bytes: file.size, usedAtMs: file.mtimeMs });
        }
  return files;
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function classify(name: string): "entry" | "name" | "draft" | null {
  if (name.endsWith(DRAFT_ENDING)) return "draft";
  if (name.startsWith(NAME_PREFIX)) return "name";
  return /^[0-9a-f]{40}\.json\.gz$/.test(name) ? "entry" : null;
}

async function remove(cacheFolder: string, files: readonly CacheFile[]): Promise<void> {
  const inside = resolve(cacheFolder) + sep;
  const folders = new Set<string>();
  for (const { path } of files) {
    await rm(path, { force: true }).catch(() => {});
    folders.add(resolve(dirname(path)));
  }
  // Those that are empty now, and the ones above them; the others refuse.
  for (const emptied of folders)
    for (let current = emptied; current.startsWith(inside); current = dirname(current))
      await rmdir(current).catch(() => {});
}
