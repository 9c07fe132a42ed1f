/** Measure, prune and clear the cache. Only its own files are ever removed: by its mark and their exact names. */
import { lstat, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TEMPORARY_ENDING, writeAtomic } from "../../files/atomic-write.ts";
import { CACHE_VERSION } from "./entry.ts";

/** About 20,000 models of usual size. */
export const CACHE_LIMIT_BYTES = 256_000_000;

export const VERSION_FOLDER = `v${CACHE_VERSION}`;
export const ENTRY_ENDING = ".json.gz";
/** Of what was read of the files of an entry. */
export const CONTENTS_ENDING = ".contents.gz";
/** Of what was measured, with the hash of its settings. */
export const formatResultEnding = (hash: string): string => `.${hash}.result.gz`;
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
  readonly kind: "entry" | "part" | "alias" | "temporary" | "old";
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

/** Our files at folder/version/endpoint/model/file. A link is never followed, and a version without our mark is not ours. */
async function listCacheFiles(folder: string): Promise<CacheFile[]> {
  const files: CacheFile[] = [];
  for (const version of await listNames(folder, "folder", /^v\d+$/)) {
    if (!(await isMarked(join(folder, version)))) continue;
    for (const endpoint of await listNames(join(folder, version), "folder", /^https?%3A%2F%2F[\w.%-]+$/))
      for (const model of await listNames(join(folder, version, endpoint), "folder", /^[\w-][\w.-]*$/)) {
        const path = join(folder, version, endpoint, model);
        for (const name of await listNames(path, "file", CACHE_FILE)) {
          const file = await lstat(join(path, name)).catch(() => null); // another process may have removed it
          if (!file?.isFile()) continue;
          const kind = version === VERSION_FOLDER ? classify(name) : "old";
          files.push({ path: join(path, name), kind, bytes: file.size, usedAtMs: file.mtimeMs });
        }
      }
  }
  return files;
}

async function listNames(path: string, kind: "folder" | "file", pattern: RegExp): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (kind === "folder" ? entry.isDirectory() : entry.isFile()) && pattern.test(entry.name))
    .map(({ name }) => name);
}

/** `<commit>.json.gz`, its contents or results, or `@<revision>`, each perhaps with `.<uuid>.tmp`. */
const CACHE_FILE =
  /^(?:[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:json|contents|[0-9a-f]{64}\.result)\.gz|@[\w.!~*'()%-]+?)(?:\.[0-9a-f-]{36}\.tmp)?$/;

function classify(name: string): CacheFile["kind"] {
  if (name.endsWith(TEMPORARY_ENDING)) return "temporary";
  if (name.startsWith(ALIAS_PREFIX)) return "alias";
  return name.endsWith(ENTRY_ENDING) ? "entry" : "part";
}

const MARK_FILE = "CACHEDIR.TAG";
/** The form that backup tools know: https://bford.info/cachedir/ */
const MARK = `Signature: 8a477f597d28d172789f06886806bc55
# The cache of llm-size, which removes its own files here.
`;

async function isMarked(versionFolder: string): Promise<boolean> {
  const path = join(versionFolder, MARK_FILE);
  const file = await lstat(path).catch(() => null);
  return file?.isFile() === true && (await readFile(path, "utf8").catch(() => "")) === MARK;
}

/** Mark the folder of this version as ours, before anything is written to it. Throws the error of the disk. */
export async function markCache(folder: string): Promise<void> {
  const versionFolder = join(folder, VERSION_FOLDER);
  if (!(await isMarked(versionFolder)))
    await writeAtomic(join(versionFolder, MARK_FILE), MARK, { isPrivate: true });
}

/** Remove files and the folders that are then empty; of a version also its mark. */
async function remove(cacheFolder: string, files: readonly CacheFile[]): Promise<void> {
  const models = new Set<string>();
  for (const { path } of files) {
    await rm(path, { force: true }).catch(() => {});
    models.add(dirname(path));
  }
  for (const path of models) await removeEmpty(path);
  for (const path of new Set([...models].map(dirname))) await removeEmpty(path);
  for (const path of new Set([...models].map((model) => dirname(dirname(model))))) {
    const left = await readdir(path).catch(() => []);
    if (left.length === 1 && left[0] === MARK_FILE) await rm(join(path, MARK_FILE)).catch(() => {});
    await removeEmpty(path);
  }
  await removeEmpty(cacheFolder);
}

/** Remove a folder, unless something is in it. */
async function removeEmpty(path: string): Promise<void> {
  await rmdir(path).catch(() => {});
}
