import type { Fetch, FetchResponse } from "../../../src/source/hub/fetch.ts";
import { leadsInside } from "../../../src/source/hub/private-address.ts";
import { startRateLimits } from "../../../src/source/hub/rate-limit.ts";
import type { HubContext, HubListener } from "../../../src/source/hub/request.ts";
import type { Settings } from "../../../src/source/hub/settings.ts";

export const SETTINGS: Settings = {
  endpoint: "https://hub.example/mirror",
  registry: "https://registry.example",
  token: null,
  offline: false,
  idleTimeoutMs: 60_000,
  timeoutMs: 60_000,
  retries: 0,
};

export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A connection whose requests are answered by `answer`. */
export function contextOf(
  answer: (sent: Sent) => FetchResponse,
  settings: Partial<Settings> = {},
  listener: HubListener = {},
): HubContext & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, { headers }) => {
    sent.push({ url, headers });
    return answer({ url, headers });
  };
  const all = { ...SETTINGS, ...settings };
  const endpoint = new URL(all.endpoint);
  return {
    settings: all,
    endpoint,
    fetch,
    leadsInside,
    listener,
    rateLimits: startRateLimits(),
    tokenRefused: false,
    sent,
  };
}

export function respond(
  status: number,
  headers: Record<string, string> = {},
  chunks: readonly (string | Uint8Array<ArrayBuffer>)[] = [],
): FetchResponse & { readonly isCancelled: () => boolean } {
  let isCancelled = false;
  return {
    status,
    headers: new Headers(headers),
    isCancelled: () => isCancelled,
    body: {
      async *[Symbol.asyncIterator]() {
        for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      },
      cancel: async () => void (isCancelled = true),
    },
  };
}
