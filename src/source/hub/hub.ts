/** One connection to the Hub: every request of the program goes through here. */
import pLimit, { type LimitFunction } from "p-limit";
import { startClock } from "./clock.ts";
import {
  MAX_MODEL_BYTES,
  type HubAnswer,
  type HubContext,
  type HubListener,
  type HubRequest,
  type Lacks,
} from "./request.ts";
import { startRateLimits } from "./rate-limit.ts";
import { requestWithRetries } from "./retry.ts";
import type { Settings } from "./settings.ts";

export interface Hub {
  readonly settings: Settings;
  readonly host: string;
  /** True once the Hub has refused the token and the same request succeeded without it. */
  readonly tokenRefused: boolean;
  readonly lacks: Lacks;
  /** Send a request; transient errors are retried while the model's time lasts. Throws only LlmSizeError. */
  request(url: string, request: HubRequest): Promise<HubAnswer>;
  /** Throw MODEL_TIMED_OUT once the time of the model is over: for computing, which does not wait for anything. */
  checkTime(model: string): void;
  /** Work on one model within the time limit per model. */
  withDeadline<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result>;
}

/** Requests at a time, shared equally by the models under way: one whose requests hang holds only its own share. */
const MAX_REQUESTS = 64;
/** Enough for info and listing, or config and header, in parallel; with fewer, a small model would block itself. */
const MIN_SHARE = 4;

export function connectHub(
  settings: Settings,
  options: Pick<HubContext, "fetch" | "leadsInside" | "signal" | "errorFromResponse"> & {
    readonly listener?: HubListener | undefined;
  },
): Hub {
  const { listener = {}, signal, ...handlers } = options;
  const endpoint = new URL(settings.endpoint);
  const rateLimits = startRateLimits();
  const context: HubContext = {
    ...handlers,
    settings,
    endpoint,
    listener,
    signal,
    rateLimits,
    tokenRefused: false,
  };
  const limits = new Set<LimitFunction>();
  const lacks = { resolveCache: false };

  const hubOf = (request: Hub["request"], checkTime: Hub["checkTime"]): Hub => ({
    settings,
    host: endpoint.host,
    get tokenRefused() {
      return context.tokenRefused;
    },
    lacks,
    request,
    checkTime,
    withDeadline,
  });

  async function withDeadline<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result> {
    const clock = startClock(settings.timeoutMs, signal);
    const limit = pLimit(MAX_REQUESTS);
    limits.add(limit);
    rebalance(limits);
    try {
      const model = { hub: context, clock, limit, budget: { leftBytes: MAX_MODEL_BYTES } };
      return await work(hubOf((url, request) => requestWithRetries(url, request, model), clock.check));
    } finally {
      clock.stop();
      limits.delete(limit);
      rebalance(limits);
    }
  }

  // Outside of any model, each request has the time of one.
  return hubOf(
    (url, request) => withDeadline((hub) => hub.request(url, request)),
    () => {},
  );
}

/** Give each model under way the same share of the requests. */
export function rebalance(limits: ReadonlySet<Pick<LimitFunction, "concurrency">>): void {
  const share = Math.max(MIN_SHARE, Math.floor(MAX_REQUESTS / Math.max(1, limits.size)));
  for (const limit of limits) limit.concurrency = share;
}
