import type { CacheRecord, WeightHeader } from "../repository.ts";
import type { Cache } from "./cache.ts";
import { NO_CONTENTS, type Contents, type Entry } from "./entry.ts";

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
  const { aliases, revision, isCached } = options;
  const texts = new Map<string, string>();
  const headers = new Map<string, WeightHeader>();
  let isChanged = !isCached;
  /** What earlier runs read: a run that finds its result does not need it. */
  let earlier: Promise<Contents> | null = null;
  const readEarlier = () => (earlier ??= isCached ? cache.readContents(entry) : Promise.resolve(NO_CONTENTS));
  return {
    results: {
      find: (settings) => (isCached ? cache.findResult(entry, settings) : Promise.resolve(null)),
      keep: (settings, result) => cache.keepResult(entry, settings, result),
    },
    text: async (path) => texts.get(path) ?? (await readEarlier()).texts.get(path),
    header: async (path) => headers.get(path) ?? (await readEarlier()).headers.get(path),
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
      await cache.write(entry, { texts: new Map(texts), headers: new Map(headers) });
    },
  };
}
