/** One connection to the Hub: every request of the program goes through here. */
import pLimit from "p-limit";
import { isFailure, LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import { startClock, startDeadline, type Clock } from "./clock.ts";
import { createExchange } from "./exchange.ts";
import type { Fetch, FetchResponse } from "./http-fetch.ts";
import { bucketOf, createRateGate } from "./rate-gate.ts";
import { planRetry } from "./retry.ts";

/** What a request is about, for the errors it may end in. */
export interface Subject {
  /** The model as the user would recognize it. */
  readonly model: string;
  readonly revision?: string | undefined;
  readonly path?: string | undefined;
}

export interface HubRequest {
  readonly subject: Subject;
  /** Bytes [begin, end) of a file; the whole of it when left out. */
  readonly range?: { readonly begin: number; readonly end: number };
  /** A longer answer is refused, and never pulled. */
  readonly maxBytes: number;
  /** Files may be served by another origin; nothing else may. */
  readonly allowForeignOrigin?: boolean;
  /** Where the first try may go instead: the address that served this file before. */
  readonly shortcut?: string | undefined;
  /** What is wrong with an answer, if anything: such an answer may be asked for again. */
  readonly findFlaw?: (answer: HubAnswer) => string | null;
}

export interface HubAnswer {
  /** Where the redirects ended. */
  readonly url: string;
  /** 200 or 206. */
  readonly status: number;
  readonly headers: FetchResponse["headers"];
  /** Empty when a range was asked and the server sends the whole file. */
  readonly body: Uint8Array<ArrayBuffer>;
}

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

/** Of all models together. Beyond it more connections bring nothing; the slowest model holds half of them at most. */
const REQUESTS_AT_A_TIME = 64;

export function connectHub(
  settings: Settings,
  fetch: Fetch,
  userAgent: string,
  listener: HubListener = {},
): Hub {
  const { host } = new URL(settings.endpoint);
  const exchange = createExchange(settings, fetch, userAgent);
  const gate = createRateGate();
  const takeSlot = pLimit(REQUESTS_AT_A_TIME);

  async function request(url: string, options: HubRequest, clock: Clock): Promise<HubAnswer> {
    const { model } = options.subject;
    if (settings.offline) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model });
    const bucket = bucketOf(url, settings.endpoint);
    try {
      for (let failedTries = 0; ;) {
        const address = (failedTries === 0 && options.shortcut) || url;
        try {
          await passGate();
          return await takeSlot(() => tryOnce(address, options, clock));
        } catch (error) {
          if (!(error instanceof LlmSizeError) || clock.signal.aborted) throw error;
          const delayMs = planRetry(error, ++failedTries, settings.retries);
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

    async function passGate(): Promise<void> {
      const waitMs = gate.waitMs(bucket);
      if (waitMs > clock.remainingMs()) {
        const seconds = Math.ceil(waitMs / 1000);
        throw new LlmSizeError("RATE_LIMITED", { host, seconds, withToken: settings.token !== null });
      }
      if (waitMs > 0) await clock.sleep(waitMs);
    }

    function closeGate(forMs: number, limitingHost: string): void {
      const isNews = gate.waitMs(bucket) === 0;
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
      if (!(error instanceof TypeError)) throw error; // fetch fails with no other
      throw new LlmSizeError("HUB_UNREACHABLE", { host, cause: readCause(error) }, { cause: error });
    } finally {
      deadline.stop();
    }
  }

  async function giveTime<Result>(work: (hub: Hub) => Promise<Result>): Promise<Result> {
    const clock = startClock(settings.timeoutMs);
    try {
      return await work(withClock(clock));
    } finally {
      clock.stop();
    }
  }

  /** Without a clock of its own, each request has the time of a model. */
  function withClock(clock: Clock | null): Hub {
    return {
      settings,
      host,
      get tokenRefused() {
        return exchange.tokenRefused;
      },
      request: (url, options) =>
        clock ? request(url, options, clock) : giveTime((hub) => hub.request(url, options)),
      giveTime,
    };
  }

  return withClock(null);
}

export function describeSubject({ model, path }: Subject): string {
  return path === undefined ? model : `${path} of ${model}`;
}

/** fetch hides the reason (`ENOTFOUND`) in a chain of causes. */
function readCause(error: unknown): string {
  let deepest = "the connection failed";
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    if ("code" in current && typeof current.code === "string") return current.code;
    deepest = current.message || deepest;
  }
  return deepest;
}
