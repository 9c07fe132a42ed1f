/** Connect the places that models come from, as the flags and the environment set. */
import { BUILD } from "../contract/version.ts";
import { openCache } from "./cache/cache.ts";
import type { Fetch } from "./hub/fetch.ts";
import { createFetch } from "./hub/http-fetch.ts";
import { connectHub } from "./hub/hub.ts";
import { readProxies } from "./hub/proxy.ts";
import type { HubContext, HubListener } from "./hub/request.ts";
import type { Settings } from "./hub/settings.ts";
import { errorFromRegistry } from "./ollama/errors.ts";
import { listCandidates } from "./open.ts";
import { findCacheFolder, readSettings, type SettingsFlags, type System } from "./settings.ts";
import type { Connection, Sources } from "./sources.ts";

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
    listCandidates,
    findCatalogResult: async (id, asked) =>
      (await import("./catalog/results.ts")).findCatalogResult(id, asked),
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
  errorFromResponse?: HubContext["errorFromResponse"],
): Promise<Connection> {
  const { endpoint, offline } = settings;
  const own = fetch ?? createFetch(endpoint, offline ? undefined : readProxies(system.env, endpoint));
  const handlers = { fetch: watchFetch?.(own) ?? own, leadsInside, errorFromResponse };
  const hub = connectHub(settings, { ...handlers, listener, signal });
  const folder = useCache ? findCacheFolder(system) : null;
  return {
    hub,
    cache: folder === null ? null : openCache(folder, endpoint, { build: BUILD, ...(debug && { debug }) }),
  };
}

/** A lookup of names that only a redirect to another host needs. */
const leadsInside: HubContext["leadsInside"] = async (host, endpointHost) =>
  (await import("./hub/private-address.ts")).leadsInside(host, endpointHost);
