import type { CacheRecord } from "../repository.ts";
import type { Cache } from "./cache.ts";
import type { Entry } from "./entry.ts";

/** Start a record from a cached entry, or from a new answer of the Hub. */
export function startRecord(
  cache: Cache,
  entry: Entry,
  options: {
    /** True where the cache has the entry already. */
    readonly isCached: boolean;
    /** Names by which later runs find this model at `revision`. */
    readonly aliases: readonly string[];
    readonly revision: string;
  },
): CacheRecord {
  const { aliases, revision } = options;
  const texts = new Map(entry.texts);
  const headers = new Map(entry.headers);
  let isChanged = !options.isCached;
  return {
    text: (path) => texts.get(path),
    header: (path) => headers.get(path),
    addText(path, text) {
      texts.set(path, text);
      isChanged = true;
    },
    addHeader(path, header) {
      headers.set(path, header);
      isChanged = true;
    },
    async save() {
      for (const alias of new Set(aliases)) cache.writeAlias(alias, revision, entry);
      if (!isChanged) return;
      isChanged = false;
      await cache.write({ ...entry, texts, headers });
    },
  };
}
