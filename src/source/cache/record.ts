import type { Cache } from "./cache.ts";
import type { CacheRecord } from "../repository.ts";
import type { Entry } from "./entry.ts";

/** Begins with an entry of the cache, or with what the Hub has just told. */
export function startRecord(
  cache: Cache,
  entry: Entry,
  isCached: boolean,
  names: readonly Name[],
): CacheRecord {
  const texts = new Map(entry.texts);
  const headers = new Map(entry.headers);
  let isNews = !isCached;
  const addTo =
    <Value>(map: Map<string, Value>) =>
    (path: string, value: Value) => {
      map.set(path, value);
      isNews = true;
    };
  return {
    text: (path) => texts.get(path),
    header: (path) => headers.get(path),
    addText: addTo(texts),
    addHeader: addTo(headers),
    save() {
      if (isNews) cache.keep({ ...entry, texts, headers });
      for (const { asked, revision } of names) cache.keepName(asked, revision, entry);
      isNews = false;
    },
  };
}

/** What a person asked for and got this model. */
export interface Name {
  readonly asked: string;
  readonly revision: string;
}
