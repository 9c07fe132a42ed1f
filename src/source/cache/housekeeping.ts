/** Measure, prune and clear the cache. Only files that look like its own are ever removed. */
import { readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { TEMPORARY_ENDING } from "../../files/atomic-write.ts";
import { CACHE_VERSION } from "./entry.ts";

/** About 20,000 models of usual size. */
export const CACHE_LIMIT_BYTES = 256_000_000;

export const VERSION_FOLDER = `v${CACHE_VERSION}`;
export const ENTRY_ENDING = ".json.gz";
/** The character before the revision of an alias: `@main`. */
export const ALIAS_PREFIX = "@";

/** A temporary file of this age belongs to a process that was killed. */
const STALE_MS = 3_600_000;

export interface CacheSize {
  /** Models at a commit. */
  readonly entries: number;
  readonly bytes: number;
}

interface CacheFile {
  readonly path: string;
  readonly kind: "entry" | "alias" | "temporary" | "old";
  readonly bytes: number;
  readonly usedAtMs: number;
}

export async function measureCache(folder: string): Promise<CacheSize> {
  return sum(await listCacheFiles(folder));
}

/** Remove the least recently used entries until the rest fits the limit, and leftovers of killed or older programs. */
export async function pruneCache(folder: string, maxBytes: number): Promise<CacheSize> {
  const files = await listCacheFiles(folder);
  let remaining = files.reduce((bytes, file) => bytes + file.bytes, 0);
  const removed = files
    .toSorted((a, b) => a.usedAtMs - b.usedAtMs)
    .filter((file) => {
      // If the clock was set back, a file can have a future date.
      const isStale = Math.abs(Date.now() - file.usedAtMs) > STALE_MS;
      const mustGo = file.kind === "old" || (file.kind === "temporary" ? isStale : remaining > maxBytes);
      if (!mustGo) return false;
      remaining -= file.bytes;
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

/** List files at folder/version/endpoint/model/file. */
async function listCacheFiles(folder: string): Promise<CacheFile[]> {
  const versions = (await list(folder)).filter((name) => /^v\d+$/.test(name));
  const files: CacheFile[] = [];
  for (const version of versions)
    for (const endpoint of await list(join(folder, version)))
      for (const model of await list(join(folder, version, endpoint)))
        for (const name of await list(join(folder, version, endpoint, model))) {
          const kind = classify(name);
          const path = join(folder, version, endpoint, model, name);
          const file = await stat(path).catch(() => null); // another process may have removed it
          if (kind === null || !file?.isFile()) continue;
          const isOld = version !== VERSION_FOLDER;
          files.push({ path, kind: isOld ? "old" : kind, bytes: file.size, usedAtMs: file.mtimeMs });
        }
  return files;
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function classify(name: string): "entry" | "alias" | "temporary" | null {
  if (name.endsWith(TEMPORARY_ENDING)) return "temporary";
  if (name.startsWith(ALIAS_PREFIX)) return "alias";
  return /^[0-9a-f]{40}\.json\.gz$/.test(name) ? "entry" : null;
}

async function remove(cacheFolder: string, files: readonly CacheFile[]): Promise<void> {
  const inside = resolve(cacheFolder) + sep;
  const folders = new Set<string>();
  for (const { path } of files) {
    await rm(path, { force: true }).catch(() => {});
    folders.add(resolve(dirname(path)));
  }
  // Remove the folders that are now empty; removing others fails.
  for (const emptied of folders)
    for (let current = emptied; current.startsWith(inside); current = dirname(current))
      await rmdir(current).catch(() => {});
}
