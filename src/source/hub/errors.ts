/** Turn refusals of the Hub and failures of the network into LlmSizeErrors. */
import { LlmSizeError } from "../../errors.ts";
import type { FetchResponse } from "./fetch.ts";
import { formatLabel, type ErrorFromResponse } from "./request.ts";

/**
 * Return the error for a response other than 2xx. `X-Error-Code` decides first, then the status, never the message: the Hub
 * answers 401 both for a missing repository and for a gated file (codes as in huggingface_hub's hf_raise_for_status).
 */
export const errorFromResponse: ErrorFromResponse = (
  { status, headers },
  label,
  { settings, url, withToken },
) => {
  const { model, revision = "main", path = "" } = label;
  const { host } = url;
  if (status === 429)
    return new LlmSizeError("RATE_LIMITED", {
      host,
      seconds: readResetSeconds(headers),
      withToken,
      waits: settings.retries > 0,
    });
  // The Hub sends its rate limit with every answer; only a 429 has to wait for it.
  const seconds = readRetryAfter(headers);
  const failed = new LlmSizeError("HUB_FAILED", { host, status, seconds, what: formatLabel(label) });
  // A refusal by the CDN says nothing about access to the model: the Hub has just granted it.
  if (url.origin !== new URL(settings.endpoint).origin) return failed;
  const gated = () =>
    new LlmSizeError("MODEL_GATED", { model, url: `${settings.endpoint}/${model}`, withToken });
  const message = headers.get("x-error-message");
  // The only case that the Hub marks by its message alone.
  if (message === "Access to this resource is disabled.")
    return new LlmSizeError("MODEL_DISABLED", { model });
  switch (headers.get("x-error-code")) {
    case "RevisionNotFound":
      return new LlmSizeError("REVISION_NOT_FOUND", { model, revision });
    case "EntryNotFound":
      return new LlmSizeError("FILE_NOT_FOUND", { model, path });
    case "GatedRepo":
      return gated();
    case "RepoNotFound":
      return new LlmSizeError("MODEL_NOT_FOUND", { model, withToken });
  }
  if (status === 401 || status === 404) return new LlmSizeError("MODEL_NOT_FOUND", { model, withToken });
  // A 403 without a message comes from a firewall between us and the Hub.
  return status === 403 && message !== null ? gated() : failed;
};

/** Longer than any limit of the Hub lasts (300 s). */
const MAX_SECONDS = 1_000_000;

/** Return the seconds until the limit resets: `Retry-After`, or the `t` of `RateLimit: "api";r=0;t=295`. */
function readResetSeconds(headers: FetchResponse["headers"]): number | null {
  const reset = /\bt=(\d{1,6})/.exec(headers.get("ratelimit") ?? "");
  return readRetryAfter(headers) ?? (reset ? Number(reset[1]) : null);
}

/** Return the seconds in `Retry-After`, which holds a number or a date. */
function readRetryAfter(headers: FetchResponse["headers"]): number | null {
  const retryAfter = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter);
  // Both dates come from the server, so a wrong local clock does not matter.
  const seconds = (Date.parse(retryAfter) - Date.parse(headers.get("date") ?? "")) / 1000;
  return seconds >= 0 && seconds <= MAX_SECONDS ? Math.ceil(seconds) : null;
}

/** Turn a failed fetch into HUB_UNREACHABLE with the host; return any other error unchanged. */
export function wrapNetworkError(error: unknown, host: string): unknown {
  if (!(error instanceof TypeError)) return error; // fetch fails with no other
  return new LlmSizeError("HUB_UNREACHABLE", { host, cause: readCause(error) }, { cause: error });
}

/** fetch hides the reason (`ENOTFOUND`) in a chain of causes. */
function readCause(error: TypeError): string {
  let deepest = "the connection failed";
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth++, current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
    deepest = current.message || deepest;
  }
  return deepest;
}
