/** One connection to the Hub: every request of the program goes through here. */
import pLimit, { type LimitFunction } from "p-limit";
import type { Settings } from "../settings.ts";
import { startClock } from "./clock.ts";
import type { Fetch } from "./http-fetch.ts";
import type { HubAnswer, HubContext, HubListener, HubRequest } from "./request.ts";
import { requestWithRetries } from "./retry.ts";

export interface Hub {
  readonly settings: Settings;
  readonly host: string;
  /** True once the Hub has refused the token and the same request succeeded without it. */
  readonly tokenRefused: boolean;
  /** Send a request; transient errors are retried while the model's time lasts. Throws only LlmSizeError. */
  request(url: string, request: HubRequest): Promise<HubAnswer>;
  /** Work on one model within the time limit per model. */
  withDeadline<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result>;
}

/** Requests at a time, shared equally by the models under way: one whose requests hang holds only its own share. */
const MAX_REQUESTS = 64;
/** Enough for info and listing, or config and header, in parallel; with fewer, a small model would block itself. */
const MIN_SHARE = 4;

export function connectHub(
  settings: Settings,
  options: {
    readonly fetch: Fetch;
    readonly userAgent: string;
    readonly listener?: HubListener | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Hub {
  const { fetch, userAgent, listener = {}, signal } = options;
  const endpoint = new URL(settings.endpoint);
  const context = { settings, endpoint, fetch, userAgent, listener, signal };
  const shared: HubContext = { ...context, rateLimits: new Map(), tokenRefused: false };
  const limits = new Set<LimitFunction>();
  // Outside of any model, each request has the time of one.
  return hubOf(shared, limits, (url, request) =>
    withDeadline(shared, limits, (hub) => hub.request(url, request)),
  );
}

function hubOf(context: HubContext, limits: Set<LimitFunction>, request: Hub["request"]): Hub {
  return {
    settings: context.settings,
    host: context.endpoint.host,
    get tokenRefused() {
      return context.tokenRefused;
    },
    request,
    withDeadline: (work) => withDeadline(context, limits, work),
  };
}

async function withDeadline<Result>(
  hub: HubContext,
  limits: Set<LimitFunction>,
  work: (hub: Hub) => Promise<Result>,
): Promise<Result> {
  const clock = startClock(hub.settings.timeoutMs, hub.signal);
  const limit = pLimit(MAX_REQUESTS);
  limits.add(limit);
  rebalance(limits);
  try {
    return await work(
      hubOf(hub, limits, (url, request) => requestWithRetries(url, request, { hub, clock, limit })),
    );
  } finally {
    clock.stop();
    limits.delete(limit);
    rebalance(limits);
  }
}

/** Give each model under way the same share of the requests. */
export function rebalance(limits: ReadonlySet<Pick<LimitFunction, "concurrency">>): void {
  const share = Math.max(MIN_SHARE, Math.floor(MAX_REQUESTS / Math.max(1, limits.size)));
  for (const limit of limits) limit.concurrency = share;
}
