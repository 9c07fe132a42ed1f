/** One connection to the Hub: every request of the program goes through here. */
import pLimit, { type LimitFunction } from "p-limit";
import { isFailure, LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import { startClock, startDeadline, type Clock } from "./clock.ts";
import { createExchange } from "./exchange.ts";
import type { Fetch } from "./http-fetch.ts";
import { describeSubject, type HubAnswer, type HubRequest } from "./request.ts";
import { bucketOf, createRateGate } from "./rate-gate.ts";
import { planRetry } from "./retry.ts";

export interface Hub {
  readonly settings: Settings;
  readonly host: string;
  /** True once the Hub refused the token and the same request passed without it. */
  readonly tokenRefused: boolean;
  /** Every end but an answer is an LlmSizeError. What may pass is tried again while the time lasts. */
  request(url: string, request: HubRequest): Promise<HubAnswer>;
  /** Works on one model with this connection, in the time that a model may take. */
  giveTime<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result>;
}

/** What a connection tells while it lasts. */
export interface HubListener {
  /** The Hub limits the rate; so long all requests of a kind wait. */
  readonly onRateLimit?: (host: string, seconds: number) => void;
  readonly onRetry?: (error: LlmSizeError, delayMs: number) => void;
}

/** Of all models together, in equal shares: a model whose requests hang holds no more than its own. */
const REQUESTS_AT_A_TIME = 64;
/** Info and listing, or config and header: less than this would make a small model wait for itself. */
const SMALLEST_SHARE = 4;

export function connectHub(
  settings: Settings,
  fetch: Fetch,
  userAgent: string,
  listener: HubListener = {},
): Hub {
  const { host } = new URL(settings.endpoint);
  const exchange = createExchange(settings, fetch, userAgent);
  const gate = createRateGate();
  /** One limit a model under way. */
  const shares = new Set<LimitFunction>();

  async function request(
    url: string,
    options: HubRequest,
    clock: Clock,
    takeTurn: LimitFunction,
  ): Promise<HubAnswer> {
    const { model } = options.subject;
    if (settings.offline) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model });
    const bucket = bucketOf(url, settings.endpoint);
    try {
      for (let failedTries = 0; ;) {
        const address = (failedTries === 0 && options.shortcut) || url;
        try {
          await passGate();
          // The gate may have closed while the request waited for its turn.
          const answer = await takeTurn(() => (isOpen() ? tryOnce(address, options, clock) : null));
          if (answer) return answer;
        } catch (error) {
          if (!(error instanceof LlmSizeError) || clock.signal.aborted) throw error;
          if (settings.retries === 0 || !isLimitWithEnd(error)) failedTries++;
          const delayMs = planRetry(error, failedTries, settings.retries);
          if (delayMs === null || delayMs > clock.remainingMs()) throw error;
          listener.onRetry?.(error, delayMs);
          if (isFailure(error, "RATE_LIMITED")) closeGate(delayMs, error.context.host);
          else await clock.sleep(delayMs);
        }
      }
    } catch (error) {
      if (!clock.signal.aborted) throw error;
      throw new LlmSizeError("MODEL_TIMED_OUT", { model, seconds: clock.limitMs / 1000 }, { cause: error });
    }

    function isOpen(): boolean {
      return gate.waitMs(bucket) === 0;
    }

    async function passGate(): Promise<void> {
      const waitMs = gate.waitMs(bucket);
      if (waitMs > clock.remainingMs()) {
        const seconds = Math.ceil(waitMs / 1000);
        const withToken = settings.token !== null;
        throw new LlmSizeError("RATE_LIMITED", { host, seconds, withToken, waits: true });
      }
      if (waitMs > 0) await clock.sleep(waitMs);
    }

    function closeGate(forMs: number, limitingHost: string): void {
      const isNews = isOpen();
      gate.close(bucket, forMs);
      if (isNews) listener.onRateLimit?.(limitingHost, Math.ceil(forMs / 1000));
    }
  }

  async function tryOnce(url: string, options: HubRequest, clock: Clock): Promise<HubAnswer> {
    const deadline = startDeadline(settings.silenceMs, clock);
    try {
      return await exchange.ask(url, options, deadline);
    } catch (error) {
      if (error instanceof LlmSizeError) throw error;
      const what = describeSubject(options.subject);
      if (deadline.signal.aborted)
        throw new LlmSizeError("HUB_STALLED", { host, what, seconds: deadline.seconds() }, { cause: error });
      throw error;
    } finally {
      deadline.stop();
    }
  }

  async function giveTime<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result> {
    const clock = startClock(settings.timeoutMs);
    const takeTurn = pLimit(REQUESTS_AT_A_TIME);
    shares.add(takeTurn);
    shareOut();
    try {
      return await work(forModel((url, options) => request(url, options, clock, takeTurn)));
    } finally {
      clock.stop();
      shares.delete(takeTurn);
      shareOut();
    }
  }

  function shareOut(): void {
    const share = Math.max(SMALLEST_SHARE, Math.floor(REQUESTS_AT_A_TIME / Math.max(1, shares.size)));
    for (const limit of shares) limit.concurrency = share;
  }

  function forModel(ask: Hub["request"]): Hub {
    return {
      settings,
      host,
      get tokenRefused() {
        return exchange.tokenRefused;
      },
      request: ask,
      giveTime,
    };
  }

  // Outside of any model, each request has the time of one.
  return forModel((url, options) => giveTime((hub) => hub.request(url, options)));
}

/** The end of a limit is known and worth waiting for, however often it is met. */
function isLimitWithEnd(error: LlmSizeError): boolean {
  return isFailure(error, "RATE_LIMITED") && error.context.seconds !== null;
}
