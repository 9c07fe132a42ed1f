/** Connect the Hub as a page, a worker, Deno and Bun reach it: by the fetch that they have, without disk or environment. */
import { LlmSizeError } from "../errors.ts";
import { openInCatalog, openOnHub, resolveTarget } from "./candidates.ts";
import { connectHub } from "./hub/hub.ts";
import { cleanToken, DEFAULT_SETTINGS, parseEndpoint } from "./hub/settings.ts";
import { wrapFetch } from "./hub/web-fetch.ts";
import type { Sources } from "./sources.ts";

export interface WebSourceOptions {
  readonly token?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  /** The revision of references that do not name one. */
  readonly revision?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Ends all requests when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Connect the Hub. Throws USAGE for an invalid endpoint. */
export function connectWebSources(options: WebSourceOptions): Sources {
  const { endpoint, token, timeoutMs, retries, revision = null, signal } = options;
  const settings = {
    ...DEFAULT_SETTINGS,
    ...(endpoint !== undefined && { endpoint: parseEndpoint(endpoint) }),
    token: cleanToken(token),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retries !== undefined && { retries }),
  };
  // Browsers refuse a fetch that is called as a method of something else.
  const fetch = wrapFetch(options.fetch ?? ((input, init) => globalThis.fetch(input, init)));
  const connection = { hub: connectHub(settings, { fetch, signal }), cache: null };
  return {
    ...connection,
    connectRegistry: async () => connection,
    flush: async () => {},
    system: { env: {}, cwd: "/", home: null },
    revision,
    listCandidates,
  };
}

/** The Hub, and the built-in catalog where it does not answer. Throws for what a page cannot reach. */
const listCandidates: Sources["listCandidates"] = async (reference, sources) => {
  if (reference.kind === "path")
    throw new LlmSizeError("PATH_NOT_FOUND", {
      path: reference.text,
      reason: "is a path, which a page cannot open",
    });
  if (reference.kind === "ollama")
    throw new LlmSizeError("MANIFEST_UNSUPPORTED", {
      model: reference.text,
      reason: "Ollama's registry does not answer pages of other origins",
    });
  const target = resolveTarget(reference, sources.revision);
  return [() => openOnHub(target, sources), (failure) => openInCatalog(target, failure)];
};
