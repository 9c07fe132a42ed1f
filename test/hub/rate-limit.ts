/** The Hub's three buckets and what an anonymous caller and a free account may ask of each in five minutes (huggingface.co/docs/hub/rate-limits). */
const QUOTAS = {
  api: { anonymous: 500, account: 1000 },
  resolvers: { anonymous: 3000, account: 5000 },
  pages: { anonymous: 100, account: 200 },
} as const;
export type Bucket = keyof typeof QUOTAS;

const WINDOW_SECONDS = 300;

/** What a request costs: the headers every answer carries, and whether it is one too many. */
export interface RateState {
  readonly headers: Record<string, string>;
  readonly exhausted: boolean;
}

/** Counts requests per caller and bucket in one fixed window, which opens with the first request. */
export function createRateLimit(
  quotas: Partial<Record<Bucket, number>>,
  windowSeconds = WINDOW_SECONDS,
): (bucket: Bucket, authorization: string | undefined) => RateState {
  const counts = new Map<string, number>();
  let openedAt = Date.now();
  return (bucket, authorization) => {
    if (Date.now() - openedAt >= windowSeconds * 1000) {
      counts.clear();
      openedAt = Date.now();
    }
    const quota = quotas[bucket] ?? QUOTAS[bucket][authorization === undefined ? "anonymous" : "account"];
    const caller = `${bucket} ${authorization ?? ""}`;
    const used = (counts.get(caller) ?? 0) + 1;
    counts.set(caller, used);
    const resetSeconds = windowSeconds - Math.floor((Date.now() - openedAt) / 1000);
    return {
      headers: {
        RateLimit: rateLimitHeader(bucket, Math.max(0, quota - used), resetSeconds),
        "RateLimit-Policy": `"fixed window";"${bucket}";q=${quota};w=${windowSeconds}`,
      },
      exhausted: used > quota,
    };
  };
}

export function rateLimitHeader(bucket: Bucket, remaining: number, resetSeconds: number): string {
  return `"${bucket}";r=${remaining};t=${resetSeconds}`;
}

/** An escaped slash in a file path sends the request to the scarcest bucket. */
export function bucketOf(pathname: string): Bucket {
  if (pathname.startsWith("/api/resolve-cache/")) return "resolvers";
  if (pathname.startsWith("/api/")) return "api";
  const [, afterRevision] = /\/(?:resolve|raw)\/[^/]+\/(.*)$/.exec(pathname) ?? [];
  return afterRevision === undefined || /%2f/i.test(afterRevision) ? "pages" : "resolvers";
}
