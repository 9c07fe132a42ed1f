import { describe, expect, test } from "vitest";
import { errorFromResponse } from "../../../src/source/hub/errors.ts";

const settings = {
  endpoint: "https://hub.example/mirror",
  registry: "https://registry.example",
  token: null,
  offline: false,
  idleTimeoutMs: 1,
  timeoutMs: 1,
  retries: 0,
};
const HUB = "https://hub.example/mirror/api/models/acme/model";
const CDN = "https://cdn.example/file?Signature=secret";

function deny(url: string, status: number, headers: Record<string, string> = {}) {
  const denied = { status, headers: new Headers(headers), body: null };
  const context = { settings, url: new URL(url), withToken: false };
  return errorFromResponse(denied, { model: "acme/model" }, context);
}

test.each<[string, number, Record<string, string>, string]>([
  [HUB, 401, {}, "MODEL_NOT_FOUND"],
  [HUB, 404, {}, "MODEL_NOT_FOUND"],
  [HUB, 404, { "x-error-code": "RevisionNotFound" }, "REVISION_NOT_FOUND"],
  [HUB, 404, { "x-error-code": "EntryNotFound" }, "FILE_NOT_FOUND"],
  [HUB, 401, { "x-error-code": "GatedRepo" }, "MODEL_GATED"],
  [HUB, 403, { "x-error-message": "Access to model acme/model is restricted" }, "MODEL_GATED"],
  [HUB, 403, {}, "HUB_FAILED"],
  [HUB, 403, { "x-error-message": "Access to this resource is disabled." }, "MODEL_DISABLED"],
  [HUB, 429, {}, "RATE_LIMITED"],
  [HUB, 503, {}, "HUB_FAILED"],
  // The CDN knows nothing of models.
  [CDN, 401, {}, "HUB_FAILED"],
  [CDN, 403, {}, "HUB_FAILED"],
  [CDN, 404, { "x-error-code": "GatedRepo" }, "HUB_FAILED"],
  [CDN, 429, {}, "RATE_LIMITED"],
])("%s: %i with %j is %s", (url, status, headers, code) => {
  expect(deny(url, status, headers).code).toBe(code);
});

describe("how long to wait", () => {
  const date = "Wed, 25 Nov 2026 12:00:00 GMT";
  test.each<[number, Record<string, string>, number | null]>([
    [429, { ratelimit: '"api";r=0;t=295' }, 295],
    [429, { ratelimit: '"api";r=0;t=295', "retry-after": "7" }, 7],
    [429, { "retry-after": "Wed, 25 Nov 2026 12:00:30 GMT", date }, 30],
    [429, { "retry-after": "Wed, 25 Nov 2026 11:00:00 GMT", date }, null],
    [429, { "retry-after": "Wed, 25 Nov 2099 11:00:00 GMT", date }, null],
    [429, { "retry-after": "soon" }, null],
    [429, {}, null],
    [503, { "retry-after": "7" }, 7],
    // On every answer of the Hub, and no reason to wait.
    [503, { ratelimit: '"api";r=499;t=295' }, null],
  ])("%i with %j: %s s", (status, headers, seconds) => {
    expect(deny(HUB, status, headers).context).toMatchObject({ seconds });
  });
});
