/** The Hub limits requests by kind (huggingface.co/docs/hub/rate-limits). When one is over, all of its kind wait. */
export type Bucket = "api" | "resolvers";

export interface RateGate {
  /** Until the gate opens; 0 when it is open. */
  waitMs(bucket: Bucket): number;
  close(bucket: Bucket, forMs: number): void;
}

export function createRateGate(): RateGate {
  const opensAt = new Map<Bucket, number>();
  const waitMs = (bucket: Bucket) => Math.max(0, (opensAt.get(bucket) ?? 0) - performance.now());
  return {
    waitMs,
    close(bucket, forMs) {
      if (forMs > waitMs(bucket)) opensAt.set(bucket, performance.now() + forMs);
    },
  };
}

export function bucketOf(url: string, endpoint: string): Bucket {
  return url.startsWith(`${endpoint}/api/`) ? "api" : "resolvers";
}
