import type { Cache } from "./cache.ts";
import type { Entry, Header } from "./entry.ts";

/** What is known of one model at one commit: from earlier runs, and for the next. */
export interface Memory {
  text(path: string): string | undefined;
  header(path: string): Header | undefined;
  rememberText(path: string, text: string): void;
  rememberHeader(path: string, header: Header): void;
  /** Hands over to the cache what it does not have yet. */
  save(): void;
}

/** Begins with an entry of the cache, or with what the Hub has just told. */
export function startMemory(cache: Cache, entry: Entry, isKept: boolean, names: readonly Name[]): Memory {
  const texts = new Map(entry.texts);
  const headers = new Map(entry.headers);
  let isNews = !isKept;
  const remember =
    <Value>(map: Map<string, Value>) =>
    (path: string, value: Value) => {
      map.set(path, value);
      isNews = true;
    };
  return {
    text: (path) => texts.get(path),
    header: (path) => headers.get(path),
    rememberText: remember(texts),
    rememberHeader: remember(headers),
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
