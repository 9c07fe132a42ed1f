/** What earlier runs read of the Hub, by repository and commit. Whatever happens to it costs time, never a right number. */
import { mkdir, readFile, stat, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import pLimit from "p-limit";
import { isCommitId } from "../commit-id.ts";
import { writeWhole } from "../../files/atomic-write.ts";
import { parseEntry, renderEntry, type Entry } from "./entry.ts";
import { CACHE_LIMIT_BYTES, ENTRY_ENDING, NAME_PREFIX, pruneCache, VERSION_FOLDER } from "./housekeeping.ts";

/** 92,000 tensors have 10 MB; more is not worth the disk. */
const MAX_ENTRY_BYTES = 128_000_000;
/** So much is written between two looks at the size of the whole, on average. */
const PRUNE_SHARE = 1 / 16;

export interface Cache {
  /** What is kept of a model at a branch, tag or commit, as last seen; null when there is nothing to rely on. */
  find(asked: string, revision: string): Promise<Entry | null>;
  /** What is kept of a model at a commit. */
  read(id: string, commit: string): Promise<Entry | null>;
  /** Writes in the background; a disk that refuses is no failure. */
  keep(entry: Entry): void;
  /** Remembers what a name meant. */
  keepName(asked: string, revision: string, meaning: Meaning): void;
  /** Waits until all is written. */
  settle(): Promise<void>;
}

interface Meaning {
  readonly id: string;
  readonly commit: string;
}

const ID = /^(?![.-])[\w.-]{1,96}(?:\/(?![.-])[\w.-]{1,96})?$/;

/** Opens the part of the cache that is of one Hub. Nothing is touched before it is needed. */
export function openCache(
  folder: string,
  endpoint: string,
  { maxBytes = CACHE_LIMIT_BYTES, debug = () => {} }: { maxBytes?: number; debug?: (line: string) => void },
): Cache {
  const root = join(resolve(folder), VERSION_FOLDER, encodeURIComponent(endpoint));
  // The Hub tells names by their letters alone, and some disks cannot tell more.
  const folderOf = (id: string) => join(root, id.replace("/", "--").toLowerCase());
  const entryPath = (id: string, commit: string) => join(folderOf(id), `${commit}${ENTRY_ENDING}`);
  const namePath = (asked: string, revision: string) =>
    join(folderOf(asked), `${NAME_PREFIX}${encodeURIComponent(revision)}`);
  const takeTurn = pLimit(1);
  const pending = new Set<Promise<void>>();
  let bytesWritten = 0;

  function inBackground(work: () => Promise<void>): void {
    const task = work()
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === undefined) throw error; // not the disk's fault
        debug(`the cache is left as it is (${error.code})`);
      })
      .then(() => void pending.delete(task));
    pending.add(task);
    task.catch(() => {}); // settle() tells
  }

  async function write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 }); // configs of private models are in it
    await writeWhole(path, content);
    bytesWritten += content.length;
  }

  /** Beside what another model of the list, or another process, has read of the same commit meanwhile. */
  async function writeEntry({ texts, headers, ...entry }: Entry): Promise<void> {
    const before = await readEntry(entry.id, entry.commit);
    const merged = {
      ...entry,
      texts: new Map([...(before?.texts ?? []), ...texts]),
      headers: new Map([...(before?.headers ?? []), ...headers]),
    };
    const text = renderEntry(merged);
    if (text.length > MAX_ENTRY_BYTES) return;
    const { gzip } = await loadZip();
    await write(entryPath(entry.id, entry.commit), await gzip(text, { level: 1 }));
  }

  /** What is used stays. */
  function markUsed(path: string): void {
    const now = new Date();
    inBackground(() => utimes(path, now, now));
  }

  async function readName(asked: string, revision: string): Promise<Meaning | null> {
    const text = await readFile(namePath(asked, revision), "utf8").catch(() => "");
    const [id = "", commit = ""] = text.split("\n");
    return ID.test(id) && isCommitId(commit) ? { id, commit } : null;
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
    try {
      const { size } = await stat(path);
      if (size > MAX_ENTRY_BYTES) return null;
      const { gunzip } = await loadZip();
      const text = await gunzip(await readFile(path), { maxOutputLength: MAX_ENTRY_BYTES });
      const entry = parseEntry(text.toString("utf8"));
      const isOurs = entry?.endpoint === endpoint && entry.id === id && entry.commit === commit;
      return isOurs ? entry : null;
    } catch {
      return null; // not there, torn, or not ours: it will be replaced
    }
  }

  return {
    read,

    async find(asked, revision) {
      const named = await readName(asked, revision);
      if (named) {
        markUsed(namePath(asked, revision));
        return read(named.id, named.commit);
      }
      return isCommitId(revision) ? read(asked, revision) : null;
    },

    keep(entry) {
      inBackground(() => takeTurn(() => writeEntry(entry)));
    },

    keepName(asked, revision, { id, commit }) {
      inBackground(async () => {
        const known = await readName(asked, revision);
        if (known?.id !== id || known.commit !== commit)
          await write(namePath(asked, revision), `${id}\n${commit}\n`);
      });
    },

    async settle() {
      await Promise.all(pending);
      const isDue = bytesWritten > 0 && Math.random() < bytesWritten / (maxBytes * PRUNE_SHARE);
      bytesWritten = 0;
      if (isDue) await pruneCache(folder, maxBytes).catch(() => {});
    },
  };
}

/** Not worth its time where there is no entry. */
async function loadZip() {
  const [{ promisify }, { gunzip, gzip }] = await Promise.all([import("node:util"), import("node:zlib")]);
  return { gunzip: promisify(gunzip), gzip: promisify(gzip) };
}
