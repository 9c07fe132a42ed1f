/**
 * The Hub limits its rate per kind of request, in windows of five minutes, and every answer says what is left of one.
 * Requests that it would refuse wait for the next window.
 */
import { LlmSizeError } from "../../errors.ts";
import type { FetchResponse } from "./fetch.ts";
import type { Bucket, ModelContext, RateLimits } from "./request.ts";

export function bucketOf(url: string, endpoint: string): Bucket {
  const isApi = url.startsWith(`${endpoint}/api/`) && !url.startsWith(`${endpoint}/api/resolve-cache/`);
  return isApi ? "api" : "resolvers";
}

/** No window of a server is waited for that is longer than this. */
const MAX_WINDOW_SECONDS = 3600;
/** How soon to look again where the answers that are under way may use up what is left. */
const SOON_MS = 20;
/** Windows of two answers that end so close together are one: the Hub rounds to seconds. */
const SAME_WINDOW_MS = 1500;

/** Note what an answer says: `RateLimit: "api";r=499;t=295`, `RateLimit-Policy: "fixed window";"api";q=500;w=300`. */
export function noteRateLimit(
  limits: RateLimits,
  { status, headers }: Pick<FetchResponse, "status" | "headers">,
): void {
  const [, bucket, left, seconds] =
    /^"(api|resolvers)";r=(\d{1,9});t=(\d{1,6})$/.exec(headers.get("ratelimit") ?? "") ?? [];
  if (bucket === undefined || Number(seconds) > MAX_WINDOW_SECONDS) return;
  const limit = limits[bucket as Bucket];
  const [, quota, window] = /\bq=(\d{1,9});w=(\d{1,6})$/.exec(headers.get("ratelimit-policy") ?? "") ?? [];
  if (quota !== undefined) limit.policy = { requests: Number(quota), seconds: Number(window) };
  // A refusal may say by Retry-After that it does not last as long as the window.
  const isHeldBack = limit.left === 0 && performance.now() < limit.endsAtMs;
  if (status === 429 || isHeldBack) return;
  // One second more, since the Hub rounds down.
  const endsAtMs = performance.now() + (Number(seconds) + 1) * 1000;
  const isSame = limit.left !== null && Math.abs(limit.endsAtMs - endsAtMs) < SAME_WINDOW_MS;
  limit.left = isSame ? Math.min(limit.left ?? Infinity, Number(left)) : Number(left);
  if (!isSame) limit.endsAtMs = endsAtMs;
}

/** Begin a request where its kind may be sent; false where it has to wait. */
export function beginRequest(limits: RateLimits, bucket: Bucket): boolean {
  if (remainingLimitMs(limits, bucket) > 0) return false;
  limits[bucket].underWay++;
  return true;
}

/** Return how long requests of a kind have to wait; 0 when they may be sent. */
export function remainingLimitMs(limits: RateLimits, bucket: Bucket): number {
  const limit = limits[bucket];
  const nowMs = performance.now();
  if (limit.left !== null && nowMs >= limit.endsAtMs) {
    // The next window opens with the next request. Without its policy, the first answer says what it holds.
    limit.left = limit.policy?.requests ?? null;
    limit.endsAtMs = nowMs + (limit.policy?.seconds ?? 0) * 1000;
    limit.isReported = false;
  }
  if (limit.left === null || limit.left > limit.underWay) return 0;
  return limit.left === 0 ? Math.max(0, limit.endsAtMs - nowMs) : SOON_MS;
}

/** Hold all requests of a kind back, as a refusal says. */
export function holdBack(limits: RateLimits, bucket: Bucket, ms: number): void {
  const limit = limits[bucket];
  limit.endsAtMs = Math.max(performance.now() + ms, limit.left === 0 ? limit.endsAtMs : 0);
  limit.left = 0;
}

/**
 * Wait until a kind of request may be sent, and report a long wait once per window. Throws RATE_LIMITED when that is
 * later than the model's deadline.
 */
export async function waitForRateLimit(
  { hub, clock }: Pick<ModelContext, "hub" | "clock">,
  bucket: Bucket,
): Promise<void> {
  const { host } = hub.endpoint;
  const limit = hub.rateLimits[bucket];
  for (;;) {
    const waitMs = remainingLimitMs(hub.rateLimits, bucket);
    if (waitMs === 0) return;
    const isTooLong = waitMs > clock.remainingMs() || (hub.settings.retries === 0 && waitMs > SOON_MS);
    if (isTooLong)
      throw new LlmSizeError("RATE_LIMITED", {
        host,
        seconds: Math.ceil(waitMs / 1000),
        withToken: hub.settings.token !== null || hub.errorFromResponse !== undefined,
        waits: hub.settings.retries > 0,
      });
    if (waitMs > SOON_MS && !limit.isReported) {
      limit.isReported = true;
      hub.listener.onRateLimit?.({ host, seconds: Math.ceil(waitMs / 1000), policy: limit.policy });
    }
    await clock.sleep(waitMs);
  }
}

export function startRateLimits(): RateLimits {
  const unknown = { left: null, endsAtMs: 0, underWay: 0, policy: null, isReported: false };
  return { api: { ...unknown }, resolvers: { ...unknown } };
}
