/** The fetch of browsers, workers, Deno and Bun, as the client of the Hub uses it. */
import { readStream } from "../streams.ts";
import type { Fetch } from "./fetch.ts";

/**
 * Wrap a fetch. A browser does not show where a redirect leads, so it has to follow redirects itself; it sends a token to
 * no other origin.
 */
export function wrapFetch(fetch: typeof globalThis.fetch): Fetch {
  let redirect: RequestRedirect = "manual";
  return async (address, init) => {
    const { signal } = init;
    // Every header beyond the few that are always allowed costs a request of its own.
    const headers = Object.entries(init.headers).filter(([name]) => name !== "user-agent");
    // The Hub answers 404 to some referrers (*.workers.dev). Workers refuse the option, which they do not have.
    const hidden = "referrerPolicy" in Request.prototype ? ({ referrerPolicy: "no-referrer" } as const) : {};
    const ask = () => fetch(address, { headers, signal, redirect, ...hidden });
    let response = await ask();
    if (response.type === "opaqueredirect") {
      redirect = "follow";
      response = await ask();
    }
    const { status, url, body } = response;
    return { status, url, headers: response.headers, body: body && readStream(body) };
  };
}
