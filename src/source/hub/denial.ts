import { LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import type { FetchResponse } from "./http-fetch.ts";
import { describeSubject, type Subject } from "./request.ts";

/**
 * What an answer other than 2xx means. `X-Error-Code` decides first, the status second, prose never: the Hub answers
 * 401 both for a missing repository and for a gated file (codes as in huggingface_hub's hf_raise_for_status).
 */
export function describeDenial(
  { status, headers }: FetchResponse,
  subject: Subject,
  { settings, url, withToken }: { settings: Settings; url: URL; withToken: boolean },
): LlmSizeError {
  const { model, revision = "main", path = "" } = subject;
  const { host } = url;
  if (status === 429)
    return new LlmSizeError("RATE_LIMITED", {
      host,
      seconds: readResetSeconds(headers),
      withToken,
      waits: settings.retries > 0,
    });
  // The Hub says on every answer when its limit begins anew: only a 429 has to wait for that.
  const seconds = readRetryAfter(headers);
  const failed = new LlmSizeError("HUB_FAILED", { host, status, seconds, what: describeSubject(subject) });
  // A CDN that refuses says nothing of who may read the model: the Hub has just said that we may.
  if (url.origin !== new URL(settings.endpoint).origin) return failed;
  // The one case the Hub marks by its message alone.
  if (headers.get("x-error-message") === "Access to this resource is disabled.")
    return new LlmSizeError("MODEL_DISABLED", { model });
  switch (headers.get("x-error-code")) {
    case "RevisionNotFound":
      return new LlmSizeError("REVISION_NOT_FOUND", { model, revision });
    case "EntryNotFound":
      return new LlmSizeError("FILE_NOT_FOUND", { model, path });
    case "GatedRepo":
      return new LlmSizeError("MODEL_GATED", { model, url: `${settings.endpoint}/${model}`, withToken });
    case "RepoNotFound":
      return new LlmSizeError("MODEL_NOT_FOUND", { model, withToken });
  }
  if (status === 401 || status === 404) return new LlmSizeError("MODEL_NOT_FOUND", { model, withToken });
  // Without a word of the Hub it is some wall between us and the Hub that forbids.
  if (status === 403 && headers.get("x-error-message") !== null)
    return new LlmSizeError("MODEL_GATED", { model, url: `${settings.endpoint}/${model}`, withToken });
  return failed;
}

/** Longer than any limit of the Hub lasts (300 s). */
const MAX_SECONDS = 1_000_000;

/** Seconds until the limit begins anew: `Retry-After`, or the `t` of `RateLimit: "api";r=0;t=295`. */
function readResetSeconds(headers: FetchResponse["headers"]): number | null {
  const reset = /\bt=(\d{1,6})/.exec(headers.get("ratelimit") ?? "");
  return readRetryAfter(headers) ?? (reset ? Number(reset[1]) : null);
}

/** Seconds that the server asks for: `Retry-After: 30`, or a date. */
function readRetryAfter(headers: FetchResponse["headers"]): number | null {
  const retryAfter = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter);
  // Both dates are the server's, so that our own clock may be wrong.
  const seconds = (Date.parse(retryAfter) - Date.parse(headers.get("date") ?? "")) / 1000;
  return seconds >= 0 && seconds <= MAX_SECONDS ? Math.ceil(seconds) : null;
}
