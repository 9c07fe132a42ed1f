/** Everything that models can come from, as the flags and the environment have it. */
import { openCache } from "./cache/cache.ts";
import { findCacheFolder } from "./cache/folder.ts";
import { createFetch, type Fetch } from "./hub/http-fetch.ts";
import { connectHub, type HubListener } from "./hub/hub.ts";
import { createProxiedFetch } from "./hub/proxy.ts";
import type { Sources } from "./open.ts";
import { readSettings, type Environment, type SettingsFlags } from "./settings.ts";
import { readVersion } from "./version.ts";

export interface Connection {
  readonly env: Environment;
  readonly flags: SettingsFlags;
  /** For references without a revision of their own. */
  readonly revision?: string | undefined;
  /** Our own when left out, through the proxy of the environment. */
  readonly fetch?: Fetch | undefined;
  /** Looks on at every request. */
  readonly watchFetch?: (fetch: Fetch) => Fetch;
  readonly listener?: HubListener;
  /** Keep what is read for the next time. */
  readonly useCache: boolean;
  readonly debug?: (line: string) => void;
}

/** Throws USAGE for an endpoint or a proxy that is none. */
export async function connectSources(connection: Connection): Promise<Sources> {
  const { env, flags, revision, fetch, watchFetch = (same) => same, listener, useCache, debug } = connection;
  const settings = await readSettings(env, flags);
  const ownFetch =
    fetch ?? (settings.offline ? null : await createProxiedFetch(env, settings.endpoint)) ?? createFetch();
  const hub = connectHub(settings, watchFetch(ownFetch), `llm-size/${readVersion()}`, listener);
  const folder = useCache ? findCacheFolder(env) : null;
  const cache = folder === null ? null : openCache(folder, settings.endpoint, { ...(debug && { debug }) });
  return { hub, cache, env, revision: revision ?? null };
}
