/** The places that models come from, connected as the flags and the environment set. */
import { openCache, type Cache } from "./cache/cache.ts";
import { createFetch, type Fetch } from "./hub/http-fetch.ts";
import { connectHub, type Hub } from "./hub/hub.ts";
import { createProxiedFetch } from "./hub/proxy.ts";
import type { HubListener } from "./hub/request.ts";
import { errorFromRegistry } from "./ollama/errors.ts";
import { findCacheFolder, readSettings, type Settings, type SettingsFlags, type System } from "./settings.ts";

export interface Sources {
  readonly hub: Hub;
  /** Null where nothing is cached. */
  readonly cache: Cache | null;
  /** Return the connection to Ollama's registry, and its part of the cache. It never has the Hub's token. */
  readonly connectRegistry: () => Promise<Connection>;
  /** Wait until everything is cached. */
  readonly flush: () => Promise<void>;
  readonly system: System;
  /** The revision of references that do not name one; null for the newest. */
  readonly revision: string | null;
  /** True for references that were read from a stranger's file: they never lead to a folder of this disk. */
  readonly ignoresFolders?: boolean;
  /** True where the figures decide a gate: then a name that only a search finds is refused. */
  readonly isGate?: boolean;
}

type Connection = Pick<Sources, "hub" | "cache">;

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
  const { system, flags, revision = null } = options;
  const settings = await readSettings(system, flags);
  const hub = await connect(settings, options);
  let registry: Promise<Connection> | null = null; // few runs need it
  return {
    ...hub,
    connectRegistry: () => (registry ??= connectRegistry(settings, options)),
    async flush() {
      await Promise.all([hub.cache?.flush(), registry?.then(({ cache }) => cache?.flush())]);
    },
    system,
    revision,
  };
}

function connectRegistry(settings: Settings, options: SourceOptions): Promise<Connection> {
  return connect({ ...settings, endpoint: settings.registry, token: null }, options, errorFromRegistry);
}

async function connect(
  settings: Settings,
  { system, fetch, watchFetch, listener, useCache, debug, signal }: SourceOptions,
  errorFromResponse?: Parameters<typeof connectHub>[1]["errorFromResponse"],
): Promise<Connection> {
  const { endpoint, offline } = settings;
  const proxied = fetch || offline ? null : await createProxiedFetch(system.env, endpoint);
  const own = fetch ?? proxied ?? createFetch(endpoint);
  const hub = connectHub(settings, { fetch: watchFetch?.(own) ?? own, listener, signal, errorFromResponse });
  const folder = useCache ? findCacheFolder(system) : null;
  return { hub, cache: folder === null ? null : openCache(folder, endpoint, { ...(debug && { debug }) }) };
}
