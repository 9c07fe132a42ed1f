import { LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import { describeSubject, type Subject } from "./hub.ts";

/**
 * What an answer other than 2xx means. `X-Error-Code` decides first, the status second, prose never: the Hub answers
 * 401 both for a missing repository and for a gated file (codes as in huggingface_hub's hf_raise_for_status).
 */
export function describeDenial(
  { status, headers }: Response,
  subject: Subject,
  { settings, host, withToken }: { settings: Settings; host: string; withToken: boolean },
): LlmSizeError {
  const { model, revision = "main", path = "" } = subject;
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
  if (status === 403)
    return new LlmSizeError("MODEL_GATED", { model, url: `${settings.endpoint}/${model}`, withToken });
  if (status === 429)
    return new LlmSizeError("RATE_LIMITED", { host, seconds: readResetSeconds(headers), withToken });
  return new LlmSizeError("HUB_FAILED", { host, status, what: describeSubject(subject) });
}

/** Seconds until the limit resets: `Retry-After: 30`, or the `t` of `RateLimit: "api";r=0;t=295`. */
export function readResetSeconds(headers: Headers): number | null {
  const retryAfter = headers.get("retry-after");
  const reset =
    /^\d{1,6}$/.exec(retryAfter?.trim() ?? "") ?? /\bt=(\d{1,6})/.exec(headers.get("ratelimit") ?? "");
  return reset ? Number(reset.at(-1)) : null;
}
