/** The places that models come from, connected as the flags and the environment set. */
import { openCache, type Cache } from "./cache/cache.ts";
import { createFetch, type Fetch } from "./hub/http-fetch.ts";
import { connectHub, type Hub } from "./hub/hub.ts";
import { createProxiedFetch } from "./hub/proxy.ts";
import type { HubListener } from "./hub/request.ts";
import { findCacheFolder, readSettings, type SettingsFlags, type System } from "./settings.ts";

export interface Sources {
  readonly hub: Hub;
  /** Null where nothing is cached. */
  readonly cache: Cache | null;
  readonly system: System;
  /** The revision of references that do not name one; null for the newest. */
  readonly revision: string | null;
  /** True for references that were read from a stranger's file: they never lead to a folder of this disk. */
  readonly ignoresFolders?: boolean;
  /** True where the figures decide a gate: then a name that only a search finds is refused. */
  readonly isGate?: boolean;
}

export interface SourceOptions {
  readonly system: System;
  readonly flags: SettingsFlags;
  /** The revision of references that do not name one. */
  readonly revision?: string | undefined;
  /** Used instead of our own, which goes through the proxy of the environment. */
  readonly fetch?: Fetch | undefined;
  /** Ends all requests when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Wraps the fetch, to log requests. */
  readonly watchFetch?: (fetch: Fetch) => Fetch;
  readonly listener?: HubListener;
  /** Read and write the cache. */
  readonly useCache: boolean;
  readonly debug?: (line: string) => void;
}

/** Connect all sources. Throws USAGE for an invalid endpoint or proxy. */
export async function connectSources(options: SourceOptions): Promise<Sources> {
  const { system, flags, revision = null, watchFetch, listener, useCache, debug, signal } = options;
  const settings = await readSettings(system, flags);
  const proxied =
    options.fetch || settings.offline ? null : await createProxiedFetch(system.env, settings.endpoint);
  const own = options.fetch ?? proxied ?? createFetch(settings.endpoint);
  const hub = connectHub(settings, { fetch: watchFetch?.(own) ?? own, listener, signal });
  const folder = useCache ? findCacheFolder(system) : null;
  const cache = folder === null ? null : openCache(folder, settings.endpoint, { ...(debug && { debug }) });
  return { hub, cache, system, revision };
}
