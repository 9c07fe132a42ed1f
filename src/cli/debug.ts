import type { Fetch } from "../source/hub/http-fetch.ts";

/** Says each request and its answer. Of a signed address only the path is shown; headers, and so the token, never. */
export function debugFetch(fetch: Fetch, log: (line: string) => void): Fetch {
  return async (url, init) => {
    const { origin, pathname } = new URL(url);
    const { range } = init.headers;
    const what = `GET ${origin}${pathname}${range ? ` ${range}` : ""}`;
    try {
      const response = await fetch(url, init);
      log(`${what} → ${response.status}`);
      return response;
    } catch (error) {
      log(`${what} → ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
}
