/** The headers that both origins send to a browser (sources.md §6). */
import { type Answer, answerText } from "./answer.ts";
import type { HubRequest } from "./request.ts";

/** The headers of an answer that a page may read: neither those of rate limits nor the Hub's warnings. */
const EXPOSED =
  "X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash";

export function hubCors({ headers }: Pick<HubRequest, "headers">): Record<string, string> {
  return {
    "Access-Control-Allow-Origin": headers.origin ?? "https://huggingface.co",
    "Access-Control-Expose-Headers": EXPOSED,
    "Access-Control-Max-Age": "86400",
    Vary: "Origin",
  };
}

/** Answer the question of a browser before a request with more than the usual headers; null for any other request. */
export function answerPreflight({ method, headers }: HubRequest): Answer | null {
  const wanted = headers["access-control-request-headers"];
  return method === "OPTIONS" && wanted !== undefined
    ? answerText(204, "", {
        "Access-Control-Allow-Headers": wanted,
        "Access-Control-Allow-Methods": "GET,HEAD,POST",
      })
    : null;
}

/** The CDN refuses such questions: nothing may need them. */
export const CDN_CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers":
    "Accept-Ranges,Content-Range,Content-Type,Content-Disposition,ETag,X-Cache",
};
