import type { Fetch } from "../source/hub/hub.ts";

/** Says each request and its answer. Of a signed address only the path is shown; headers, and so the token, never. */
export function debugFetch(fetch: Fetch, log: (line: string) => void): Fetch {
  return async (input, init) => {
    const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
    const range = new Headers(init?.headers).get("range");
    const what = `${init?.method ?? "GET"} ${origin}${pathname}${range ? ` ${range}` : ""}`;
    try {
      const response = await fetch(input, init);
      log(`${what} → ${response.status}`);
      return response;
    } catch (error) {
      log(`${what} → ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
}
