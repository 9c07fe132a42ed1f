import { isUtf8 } from "node:buffer";
import { LlmSizeError } from "../../errors.ts";
import type { Note } from "../../notes.ts";
import type { Asked } from "../asked.ts";
import type { Cache } from "../cache/cache.ts";
import type { Entry } from "../cache/entry.ts";
import { startRecord } from "../cache/record.ts";
import { findCatalogModel } from "../catalog/catalog.ts";
import { sumBytes, type CacheRecord, type Repository, type SourceName } from "../repository.ts";
import { requestCommit } from "./commit.ts";
import type { Hub } from "./hub.ts";
import type { HubAnswer, HubRequest } from "./request.ts";

/**
 * Opens a model of the Hub. Its info and its listing are asked for at the same time, unless the cache has them and the
 * Hub says that the commit is still the same; everything read later is of that commit. `typed` is remembered beside
 * the id it stands for.
 */
export async function openHubRepository(
  hub: Hub,
  asked: Asked,
  typed: string,
  cache: Cache | null,
): Promise<Repository> {
  const branch = asked.revision ?? "main";
  const known = (await cache?.find(asked.id, branch)) ?? null;
  const isCurrent = known && (known.commit === branch || (await isStillAt(hub, known, asked.id, branch)));
  const entry = isCurrent ? known : await requestEntry(hub, asked.id, branch);
  const kept = isCurrent ? known : ((await cache?.read(entry.id, entry.commit)) ?? null);
  const names = [...new Set([asked.id, typed])].map((name) => ({ asked: name, revision: branch }));
  const cached = cache && startRecord(cache, kept ?? entry, kept !== null, names);
  return openEntry(hub, asked, kept ?? entry, kept ? "cache" : "hub", cached);
}

/** Opens what is known of a model at a commit; bytes that are not in memory are asked for. */
export function openEntry(
  hub: Hub,
  asked: Asked,
  entry: Entry,
  source: SourceName,
  cached: CacheRecord | null,
): Repository {
  const { id, commit, files, summary } = entry;
  const { path, revision } = asked;
  return {
    id,
    revision: commit,
    source,
    files,
    downloaded: null,
    repositoryBytes: sumBytes(files),
    path,
    summary,
    findInCatalog: () => (revision === null && path === null ? findCatalogModel(id) : null),
    notes: describeRename(asked.id, id),
    cached,
    ...readFilesOf(hub, entry, cached),
  };
}

async function requestEntry(hub: Hub, id: string, branch: string): Promise<Entry> {
  const { requestListing, requestModelInfo } = await import("./api.ts");
  const [info, listing] = await Promise.all([
    requestModelInfo(hub, id, branch),
    requestListing(hub, id, branch),
  ]);
  // A push between the two answers would give this commit, for good, the files of the next.
  const isBusy = Math.abs(Date.now() - info.changedAtMs) < BUSY_MS;
  const files = isBusy ? await requestListing(hub, info.id, info.commit) : listing;
  const { endpoint } = hub.settings;
  const { commit, summary } = info;
  return { endpoint, id: info.id, commit, summary, files, texts: new Map(), headers: new Map() };
}

/** A repository that changed within a day may change again within the second; of others a push is not expected just now. */
const BUSY_MS = 86_400_000;

async function isStillAt(hub: Hub, known: Entry, asked: string, branch: string): Promise<boolean> {
  const { id, commit } = await requestCommit(hub, asked, branch);
  return id === known.id && commit === known.commit;
}

function readFilesOf(
  hub: Hub,
  { id, commit, files }: Entry,
  cached: CacheRecord | null,
): Pick<Repository, "readText" | "readRange"> {
  /** Where a file's bytes were last served: a second read of it need not ask the Hub for the address again. */
  const addresses = new Map<string, string>();

  const address = (path: string) =>
    `${hub.settings.endpoint}/${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;

  const describe = (path: string): Pick<HubRequest, "subject" | "allowForeignOrigin"> => ({
    subject: { model: id, revision: commit, path },
    allowForeignOrigin: true,
  });

  /** Several steps read the same small files. */
  const texts = new Map<string, Promise<string>>();

  async function requestText(path: string, maxBytes: number): Promise<string> {
    const known = cached?.text(path);
    if (known !== undefined) return known;
    const listed = files.find((file) => file.path === path);
    const { body } = await hub.request(address(path), {
      ...describe(path),
      maxBytes,
      findFlaw: (answer) => findTextFlaw(answer, listed?.bytes ?? null),
    });
    const text = new TextDecoder().decode(body);
    cached?.addText(path, text);
    return text;
  }

  return {
    readText(path, maxBytes) {
      const text = texts.get(path) ?? requestText(path, maxBytes);
      texts.set(path, text);
      return text;
    },

    async readRange({ path, bytes }, begin, end) {
      const whole = begin === 0 && end === bytes;
      const { url, status, body } = await hub.request(address(path), {
        ...describe(path),
        ...(whole ? {} : { range: { begin, end } }),
        maxBytes: end - begin,
        shortcut: addresses.get(path),
        findFlaw: (answer) => findRangeFlaw(answer, begin, end, bytes),
      });
      if (!whole && status === 200) throw new LlmSizeError("RANGE_IGNORED", { model: id, path });
      addresses.set(path, url);
      return body;
    },
  };
}

/** Anything may answer 200: a sign-in page taken for a config would change the count, and be kept. */
function findTextFlaw({ headers, body }: HubAnswer, expectedBytes: number | null): string | null {
  if (isWebPage(headers)) return "it is a web page";
  if (expectedBytes !== null && body.length !== expectedBytes)
    return `it has ${body.length} bytes, not ${expectedBytes}`;
  return isUtf8(body) ? null : "it is no text";
}

function isWebPage(headers: HubAnswer["headers"]): boolean {
  return /^text\/html\b/.test(headers.get("content-type") ?? "");
}

/** What is wrong with bytes [begin, end) of a file; a range that was ignored is judged by the caller. */
function findRangeFlaw(
  { status, headers, body }: HubAnswer,
  begin: number,
  end: number,
  fileBytes: number,
): string | null {
  if (isWebPage(headers)) return "it is a web page";
  if (end - begin < fileBytes) {
    const length = headers.get("content-length") ?? String(fileBytes);
    if (status === 200)
      return length === String(fileBytes) ? null : `it has ${length} bytes and is not the file`;
    const [range, expected] = [headers.get("content-range"), `bytes ${begin}-${end - 1}/${fileBytes}`];
    if (range !== expected) return `it is ${range ?? "of no range"}, not ${expected}`;
  }
  return body.length === end - begin ? null : `it has ${body.length} bytes, not ${end - begin}`;
}

function describeRename(asked: string, answered: string): Note[] {
  if (asked.toLowerCase() === answered.toLowerCase()) return [];
  return [{ code: "MODEL_RENAMED", message: `${asked} is now ${answered}` }];
}
