/** Answers of the Hub, cached by repository and commit. Losing the cache costs time and never changes a number. */
import { createHash } from "node:crypto";
import { readFile, stat, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import pLimit from "p-limit";
import type { JsonObject } from "../../contract/json.ts";
import { isModelId } from "../model-id.ts";
import { isCommitId, isSha256 } from "../repository.ts";
import { writeAtomic } from "../../files/atomic-write.ts";
import {
  NO_CONTENTS,
  parseContents,
  parseEntry,
  parseResult,
  renderContents,
  renderEntry,
  renderResult,
  type Contents,
  type Entry,
  type EntryRef,
} from "./entry.ts";
import {
  ALIAS_PREFIX,
  CACHE_LIMIT_BYTES,
  CONTENTS_ENDING,
  ENTRY_ENDING,
  formatResultEnding,
  markCache,
  pruneCache,
  VERSION_FOLDER,
} from "./housekeeping.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** 92,000 tensors take 10 MB; more is not worth the disk. */
const MAX_FILE_BYTES = 128_000_000;
/** A list that is measured faster than the disk writes would else fill the memory with what waits. */
const MOST_WAITING = 32;
/** The share of the limit that is written between two prunes, on average. */
const PRUNE_SHARE = 1 / 16;

export interface Cache {
  /** Read the entry of a model at a branch, tag or commit, as last seen; null without one. */
  find(alias: string, revision: string): Promise<Entry | null>;
  /** Read the entry of a model at a commit. */
  read(id: string, commit: string): Promise<Entry | null>;
  /** Read what earlier runs read of the files of an entry. */
  readContents(entry: CommitRef): Promise<Contents>;
  /**
   * Write an entry, and add to its contents: in the background, without errors of the disk; waits only where many others
   * wait.
   */
  write(entry: Entry, contents: Contents): Promise<void>;
  /** Return the result of this build with the same settings; null without one. */
  findResult(entry: CommitRef, settings: string): Promise<JsonObject | null>;
  /** Write a result, as an entry is written. */
  keepResult(entry: CommitRef, settings: string, result: JsonObject): Promise<void>;
  /** Write which commit a name stands for, in the background. */
  writeAlias(alias: string, revision: string, target: CommitRef): void;
  /** Wait until everything is written. */
  flush(): Promise<void>;
}

type CommitRef = Pick<EntryRef, "id" | "commit">;

export interface CacheOptions {
  readonly maxBytes?: number;
  readonly debug?: (line: string) => void;
  /** Which code measures: results are kept for the same one only. Null where that is not known, as when run from source. */
  readonly build: string | null;
}

/** Open the part of the cache that belongs to one Hub. The disk is touched only when needed. */
export function openCache(folder: string, endpoint: string, options: CacheOptions): Cache {
  const { maxBytes = CACHE_LIMIT_BYTES, debug = () => {}, build } = options;
  const root = join(resolve(folder), VERSION_FOLDER, encodeURIComponent(endpoint));
  // Names on the Hub are case-insensitive, and so are some disks.
  const folderOf = (id: string) => join(root, id.replace("/", "--").toLowerCase());
  /** Return the path of a file of an entry; null for an invalid id or commit, as a hostile server may send. */
  const pathOf = ({ id, commit }: CommitRef, ending: string) =>
    isModelId(id) && isRevisionId(commit) ? join(folderOf(id), `${commit}${ending}`) : null;
  const resultPath = (entry: CommitRef, settings: string) =>
    pathOf(entry, formatResultEnding(createHash("sha256").update(settings).digest("hex")));
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

  async function writeText(path: string | null, text: string): Promise<void> {
    if (text.length <= MAX_FILE_BYTES) await writeToCache(path, await compress(text, { level: 1 }));
  }

  /** Write after what waits already. */
  async function enqueue(work: () => Promise<void>): Promise<void> {
    const written = inBackground(() => limit(work));
    if (limit.pendingCount > MOST_WAITING) await written;
  }

  /** Read a compressed file, whose checksum is compared; null for one that is missing, damaged or not ours. */
  async function readText<Value>(
    path: string | null,
    parse: (text: string) => Value | null,
  ): Promise<Value | null> {
    if (path === null) return null;
    try {
      const { size } = await stat(path);
      if (size > MAX_FILE_BYTES) return null;
      const bytes = await decompress(await readFile(path), { maxOutputLength: MAX_FILE_BYTES });
      const value = parse(bytes.toString("utf8"));
      if (value !== null) markUsed(path);
      return value;
    } catch {
      return null; // it will be replaced
    }
  }

  const isOurs = (found: EntryRef, { id, commit }: CommitRef) =>
    found.endpoint === endpoint && found.id === id && found.commit === commit;

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
    const entry = await readText(pathOf({ id, commit }, ENTRY_ENDING), parseEntry);
    if (!entry || !isOurs(entry, { id, commit })) return null;
    debug(`${id} at ${commit.slice(0, 7)} is in the cache`);
    return entry;
  }

  async function readContents(entry: CommitRef): Promise<Contents> {
    const contents = await readText(pathOf(entry, CONTENTS_ENDING), parseContents);
    return contents && isOurs(contents, entry) ? contents : NO_CONTENTS;
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

    readContents,

    write: (entry, { texts, headers }) =>
      enqueue(async () => {
        await writeText(pathOf(entry, ENTRY_ENDING), renderEntry(entry));
        if (texts.size + headers.size === 0) return;
        // Another model of the list, or another process, may have cached data of the same commit meanwhile.
        const before = await readContents(entry);
        const merged = {
          texts: new Map([...before.texts, ...texts]),
          headers: new Map([...before.headers, ...headers]),
        };
        await writeText(pathOf(entry, CONTENTS_ENDING), renderContents(entry, merged));
      }),

    async findResult(entry, settings) {
      if (build === null) return null;
      const kept = await readText(resultPath(entry, settings), parseResult);
      const isSame = kept && isOurs(kept, entry) && kept.build === build && kept.settings === settings;
      return isSame ? kept.result : null;
    },

    async keepResult({ id, commit }, settings, result) {
      if (build === null) return;
      const kept = { endpoint, id, commit, build, settings, result };
      await enqueue(() => writeText(resultPath(kept, settings), renderResult(kept)));
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
