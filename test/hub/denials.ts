import { type Answer, answerJson, answerText } from "./answer.ts";
import type { StoredRepository } from "./repository.ts";
import type { HubRequest } from "./request.ts";

const LOGIN_FAILED = "Invalid username or password.";

/** A missing or private repository: an anonymous caller is not told which, and gets a 401 without a code. */
export function denyRepository(request: HubRequest): Answer {
  if (request.identity !== "anonymous")
    return deny(request, 404, "Repository not found", { "X-Error-Code": "RepoNotFound" });
  return deny(request, 401, LOGIN_FAILED, {
    "WWW-Authenticate": 'Bearer realm="Authentication required", charset="UTF-8"',
  });
}

/** A token the Hub does not accept: no header tells it from a missing repository. */
export function denyToken(request: HubRequest): Answer {
  const message = request.identity === "expired" ? 'User Access Token "stand-in" is expired' : LOGIN_FAILED;
  return deny(request, 401, message, {}, false);
}

/** Why this caller may not have the bytes of the repository; null when it may. */
export function denyFiles(request: HubRequest, repository: StoredRepository): Answer | null {
  const { id, gated, disabled } = repository;
  if (disabled) return deny(request, 403, "Access to this resource is disabled.");
  if (gated === false || request.identity === "approved") return null;
  const restricted = `Access to model ${id} is restricted`;
  if (request.identity === "unapproved") {
    const message = `${restricted} and you are not in the authorized list. Visit ${request.url.origin}/${id} to ask for access.`;
    return deny(request, 403, message, { "X-Error-Code": "GatedRepo" });
  }
  const message = `${restricted}. You must have access to it and be authenticated to access it. Please log in.`;
  return deny(request, 401, message, { "X-Error-Code": "GatedRepo" });
}

export function denyRevision(request: HubRequest, revision: string): Answer {
  return deny(request, 404, `Invalid rev id: ${revision}`, { "X-Error-Code": "RevisionNotFound" });
}

export function denyEntry(request: HubRequest, commit: string): Answer {
  return deny(request, 404, "Entry not found", { "X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit });
}

export function denyPage(request: HubRequest): Answer {
  return deny(request, 404, "Sorry, we can't find the page you are looking for.", {}, false);
}

/** A query or body the API cannot read. */
export function denyQuery(request: HubRequest, message: string): Answer {
  return deny(request, 400, message);
}

export function denyRate(request: HubRequest, headers: Record<string, string>): Answer {
  const message =
    request.identity === "anonymous"
      ? "We had to rate limit your IP (127.0.0.1). To continue using our service, create a HF account or login to your existing account, and make sure you pass a HF_TOKEN if you're using the API."
      : "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period. Upgrade to a PRO user or Team/Enterprise organization account (https://hf.co/pricing) to get higher limits. See https://huggingface.co/docs/hub/rate-limits";
  return deny(request, 429, message, headers, false);
}

/** The API answers JSON, the file routes plain text. */
function deny(
  request: HubRequest,
  status: number,
  message: string,
  headers: Record<string, string> = {},
  inHeader = true,
): Answer {
  // A header cannot hold every character a revision can.
  const ascii = message.replaceAll(/[^\x20-\x7e]/g, "?");
  const all = inHeader ? { ...headers, "X-Error-Message": ascii } : headers;
  const [first, second] = request.segments;
  const isApi = first === "api" && second !== "resolve-cache";
  return isApi ? answerJson({ error: message }, all, status) : answerText(status, message, all);
}
