/** The Hub limits its rate per kind of request. When a limit is met, all requests of the kind wait. */
import { LlmSizeError } from "../../errors.ts";
import type { Bucket, HubContext, ModelContext, RateLimits } from "./request.ts";

export function bucketOf(url: string, endpoint: string): Bucket {
  const isApi = url.startsWith(`${endpoint}/api/`) && !url.startsWith(`${endpoint}/api/resolve-cache/`);
  return isApi ? "api" : "resolvers";
}

/** Return how long requests of a kind have to wait; 0 when they may be sent. */
export function remainingLimitMs(limits: RateLimits, bucket: Bucket): number {
  return Math.max(0, (limits.get(bucket) ?? 0) - performance.now());
}

/** Hold all requests of a kind back, and report it unless they are waiting already. */
export function holdBack(hub: HubContext, bucket: Bucket, { host, ms }: { host: string; ms: number }): void {
  const remainingMs = remainingLimitMs(hub.rateLimits, bucket);
  if (ms > remainingMs) hub.rateLimits.set(bucket, performance.now() + ms);
  if (remainingMs === 0) hub.listener.onRateLimit?.(host, Math.ceil(ms / 1000));
}

/** Wait until a kind of request may be sent. Throws RATE_LIMITED when that is later than the model's deadline. */
export async function waitForRateLimit(
  { hub, clock }: Pick<ModelContext, "hub" | "clock">,
  bucket: Bucket,
): Promise<void> {
  const waitMs = remainingLimitMs(hub.rateLimits, bucket);
  if (waitMs > clock.remainingMs())
    throw new LlmSizeError("RATE_LIMITED", {
      host: hub.endpoint.host,
      seconds: Math.ceil(waitMs / 1000),
      withToken: hub.settings.token !== null,
      waits: true,
    });
  if (waitMs > 0) await clock.sleep(waitMs);
}
