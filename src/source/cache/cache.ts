/** Answers of the Hub, cached by repository and commit. Losing the cache costs time and never changes a number. */
import { readFile, stat, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import pLimit from "p-limit";
import { isModelId } from "../model-id.ts";
import { isCommitId, isSha256 } from "../repository.ts";
import { writeAtomic } from "../../files/atomic-write.ts";
import { parseEntry, renderEntry, type Entry } from "./entry.ts";
import {
  CACHE_LIMIT_BYTES,
  ENTRY_ENDING,
  ALIAS_PREFIX,
  markCache,
  pruneCache,
  VERSION_FOLDER,
} from "./housekeeping.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** 92,000 tensors take 10 MB; a larger entry is not worth the disk. */
const MAX_ENTRY_BYTES = 128_000_000;
/** A list that is measured faster than the disk writes would else fill the memory with what waits. */
const MOST_WAITING = 16;
/** The share of the limit that is written between two prunes, on average. */
const PRUNE_SHARE = 1 / 16;

export interface Cache {
  /** Read the entry of a model at a branch, tag or commit, as last seen; null without one. */
  find(alias: string, revision: string): Promise<Entry | null>;
  /** Read the entry of a model at a commit. */
  read(id: string, commit: string): Promise<Entry | null>;
  /** Write in the background, and ignore errors of the disk; waits only where many others wait. */
  write(entry: Entry): Promise<void>;
  /** Write which commit a name stands for, in the background. */
  writeAlias(alias: string, revision: string, target: CommitRef): void;
  /** Wait until everything is written. */
  flush(): Promise<void>;
}

type CommitRef = Pick<Entry, "id" | "commit">;

/** Open the part of the cache that belongs to one Hub. The disk is touched only when needed. */
export function openCache(
  folder: string,
  endpoint: string,
  { maxBytes = CACHE_LIMIT_BYTES, debug = () => {} }: { maxBytes?: number; debug?: (line: string) => void },
): Cache {
  const root = join(resolve(folder), VERSION_FOLDER, encodeURIComponent(endpoint));
  // Names on the Hub are case-insensitive, and so are some disks.
  const folderOf = (id: string) => join(root, id.replace("/", "--").toLowerCase());
  /** Return the path of an entry; null for an invalid id or commit, as a hostile server may send. */
  const entryPath = (id: string, commit: string) =>
    isModelId(id) && isRevisionId(commit) ? join(folderOf(id), `${commit}${ENTRY_ENDING}`) : null;
  const aliasPath = (alias: string, revision: string) =>
    isModelId(alias) && revision.isWellFormed()
      ? join(folderOf(alias), `${ALIAS_PREFIX}${encodeURIComponent(revision)}`)
      : null;
  const limit = pLimit(1);
  const pending = new Set<Promise<void>>();
  let bytesWritten = 0;

  function inBackground(work: () => Promise<void>): Promise<void> {
    const task = work()
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error; // not an error of the disk
        debug(`cannot write the cache (${error.code})`);
      })
      .then(() => void pending.delete(task));
    pending.add(task);
    task.catch(() => {}); // flush() throws it
    return task;
  }

  async function writeToCache(path: string | null, content: string | Uint8Array): Promise<void> {
    if (path === null) return;
    await markCache(folder);
    await writeAtomic(path, content, { isPrivate: true }); // it holds configs of private models
    bytesWritten += content.length;
  }

  /** Merge with data that another model of the list, or another process, cached for the same commit meanwhile. */
  async function writeEntry({ texts, headers, ...entry }: Entry): Promise<void> {
    const before = await readEntry(entry.id, entry.commit);
    const merged = {
      ...entry,
      texts: new Map([...(before?.texts ?? []), ...texts]),
      headers: new Map([...(before?.headers ?? []), ...headers]),
    };
    const text = renderEntry(merged);
    if (text.length > MAX_ENTRY_BYTES) return;
    await writeToCache(entryPath(entry.id, entry.commit), await compress(text, { level: 1 }));
  }

  /** Mark as used, since prune removes the least recently used entries. */
  function markUsed(path: string | null): void {
    const now = new Date();
    if (path !== null) void inBackground(() => utimes(path, now, now));
  }

  async function readAlias(alias: string, revision: string): Promise<CommitRef | null> {
    const path = aliasPath(alias, revision);
    const text = path === null ? "" : await readFile(path, "utf8").catch(() => "");
    const [id = "", commit = ""] = text.split("\n");
    return isModelId(id) && isRevisionId(commit) ? { id, commit } : null;
  }

  async function read(id: string, commit: string): Promise<Entry | null> {
    const entry = await readEntry(id, commit);
    if (!entry) return null;
    markUsed(entryPath(id, commit));
    debug(`${id} at ${commit.slice(0, 7)} is in the cache`);
    return entry;
  }

  async function readEntry(id: string, commit: string): Promise<Entry | null> {
    const path = entryPath(id, commit);
    if (path === null) return null;
    try {
      const { size } = await stat(path);
      if (size > MAX_ENTRY_BYTES) return null;
      const text = await decompress(await readFile(path), { maxOutputLength: MAX_ENTRY_BYTES });
      const entry = parseEntry(text.toString("utf8"));
      const isOurs = entry?.endpoint === endpoint && entry.id === id && entry.commit === commit;
      return isOurs ? entry : null;
    } catch {
      return null; // missing, damaged, or not ours: it will be replaced
    }
  }

  return {
    read,

    async find(alias, revision) {
      const named = await readAlias(alias, revision);
      if (named) {
        markUsed(aliasPath(alias, revision));
        return read(named.id, named.commit);
      }
      return isRevisionId(revision) ? read(alias, revision) : null;
    },

    async write(entry) {
      const written = inBackground(() => limit(() => writeEntry(entry)));
      if (limit.pendingCount > MOST_WAITING) await written;
    },

    writeAlias(alias, revision, { id, commit }) {
      void inBackground(async () => {
        const known = await readAlias(alias, revision);
        if (known?.id !== id || known.commit !== commit)
          await writeToCache(aliasPath(alias, revision), `${id}\n${commit}\n`);
      });
    },

    async flush() {
      await Promise.all(pending);
      const isDue = bytesWritten > 0 && Math.random() < bytesWritten / (maxBytes * PRUNE_SHARE);
      bytesWritten = 0;
      if (isDue) await pruneCache(folder, maxBytes).catch(() => {});
    },
  };
}

/** True for a commit of the Hub and for the digest of a manifest, which never change their meaning. */
function isRevisionId(text: string): boolean {
  return isCommitId(text) || isSha256(text);
}
