import { isFailure, LlmSizeError } from "../../errors.ts";
import type { Cache } from "../cache/cache.ts";
import type { Entry } from "../cache/entry.ts";
import { sumBytes, type CacheRecord, type ModelRef, type Repository } from "../repository.ts";
import type { SourceName } from "../../contract/terms.ts";
import type { Hub } from "./hub.ts";
import { requestModel } from "./model-info.ts";
import type { HubAnswer, HubRequest } from "./request.ts";
import { validateRange, validateText } from "./validate.ts";

/**
 * Open a model of the Hub. One answer has its commit and its files, unless the cache has them and the Hub confirms the
 * commit; everything read later is of that commit. The cache remembers the model by `alias` too.
 */
export async function openHubRepository(
  hub: Hub,
  ref: ModelRef,
  { alias, cache }: { readonly alias: string; readonly cache: Cache | null },
): Promise<Repository> {
  const revision = ref.revision ?? "main";
  const known = (await cache?.find(ref.id, revision)) ?? null;
  const isCurrent = known && (known.commit === revision || (await isAtCommit(hub, known, ref.id, revision)));
  const requested = isCurrent ? known : await requestEntry(hub, ref.id, revision);
  const found = isCurrent ? known : ((await cache?.read(requested.id, requested.commit)) ?? null);
  const entry = found ?? requested;
  const isCached = found !== null;
  const cached =
    cache &&
    (await import("../cache/record.ts")).startRecord(cache, entry, {
      isCached,
      aliases: [ref.id, alias],
      revision,
    });
  return openEntry(hub, ref, { entry, source: isCached ? "cache" : "hub", cached });
}

/** Open a model at a known commit; what the cache record lacks is requested. */
export function openEntry(
  hub: Hub,
  ref: ModelRef,
  opened: { readonly entry: Entry; readonly source: SourceName; readonly cached: CacheRecord | null },
): Repository {
  const { entry, source, cached } = opened;
  const { id, commit, files, summary, baseModel } = entry;
  const { file, label, revision } = ref;
  const isRenamed = ref.id.toLowerCase() !== id.toLowerCase();
  /** Small files by path; several steps read the same ones. */
  const texts = new Map<string, Promise<string>>();
  /** Where each file's bytes were last served, so that a second read need not be redirected again. */
  const addresses = new Map<string, string>();
  const listed = new Map(files.map((each) => [each.path, each]));

  function request(path: string, more: Omit<HubRequest, "label" | "allowForeignOrigin">): Promise<HubAnswer> {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const ask = (address: string) =>
      hub.request(`${hub.settings.endpoint}/${address}/${encoded}`, {
        label: { model: id, revision: commit, path },
        allowForeignOrigin: true,
        ...more,
      });
    const resolve = () => ask(`${id}/resolve/${commit}`);
    if (hub.lacks.resolveCache || listed.get(path)?.hash?.length !== GIT_BLOB_DIGITS) return resolve();
    return ask(`api/resolve-cache/models/${id}/${commit}`).catch(async (error: unknown) => {
      if (!mayBeLacking(error)) throw error;
      const answer = await resolve();
      hub.lacks.resolveCache = true;
      return answer;
    });
  }

  async function readText(path: string, maxBytes: number): Promise<string> {
    const known = await cached?.text(path);
    if (known !== undefined) return known;
    const { body } = await request(path, {
      maxBytes,
      validate: (answer) => validateText(answer, listed.get(path) ?? null),
    });
    const text = new TextDecoder().decode(body);
    cached?.addText(path, text);
    return text;
  }

  return {
    id,
    revision: commit,
    source,
    files,
    downloaded: null,
    repositoryBytes: sumBytes(files),
    file,
    label,
    summary,
    baseModel,
    async findInCatalog() {
      if (revision !== null || file !== null || label !== null) return null;
      const { findCatalogModel } = await import("../catalog/catalog.ts");
      return findCatalogModel(id);
    },
    notes: isRenamed ? [{ code: "MODEL_RENAMED", message: `${ref.id} is now ${id}` }] : [],
    cached,
    results: cached?.results ?? null,
    readText(path, maxBytes) {
      const text = texts.get(path) ?? readText(path, maxBytes);
      texts.set(path, text);
      return text;
    },
    async readRange({ path, bytes }, begin, end) {
      const isWhole = end - begin === bytes;
      const answer = await request(path, {
        ...(!isWhole && { range: { begin, end } }),
        maxBytes: end - begin,
        shortcut: addresses.get(path),
        validate: (received) =>
          validateRange(received, { begin, end }, { bytes, hash: listed.get(path)?.hash }),
      });
      if (!isWhole && answer.status === 200) throw new LlmSizeError("RANGE_IGNORED", { model: id, path });
      addresses.set(path, answer.url);
      return answer.body;
    },
  };
}

async function requestEntry(hub: Hub, id: string, revision: string): Promise<Entry> {
  const model = await requestModel(hub, id, revision);
  return { ...model, endpoint: hub.settings.endpoint };
}

/** Files in git are served at once below `/api/resolve-cache/`, to which `/resolve/` redirects. */
const GIT_BLOB_DIGITS = 40;

/** True for the answers of a mirror that may not know that path. */
function mayBeLacking(error: unknown): boolean {
  if (isFailure(error, "HUB_FAILED")) return error.context.status < 500;
  return (
    isFailure(error, "HUB_ANSWER_INVALID") ||
    isFailure(error, "FILE_NOT_FOUND") ||
    isFailure(error, "MODEL_NOT_FOUND")
  );
}

async function isAtCommit(hub: Hub, known: Entry, id: string, revision: string): Promise<boolean> {
  const { requestCommit } = await import("./commit.ts");
  const current = await requestCommit(hub, id, revision);
  return current.id === known.id && current.commit === known.commit;
}
