/** A request to the Hub, its answer, and what all requests of one connection share. */
import type { LimitFunction } from "p-limit";
import type { LlmSizeError } from "../../errors.ts";
import type { Clock } from "./clock.ts";
import type { Fetch, FetchResponse } from "./fetch.ts";
import type { Settings } from "./settings.ts";

/** Names a request in errors. */
export interface RequestLabel {
  /** The model as the user would recognize it. */
  readonly model: string;
  readonly revision?: string | undefined;
  readonly path?: string | undefined;
}

export interface HubRequest {
  readonly label: RequestLabel;
  /** Bytes [begin, end) of a file; the whole file when left out. */
  readonly range?: { readonly begin: number; readonly end: number };
  /** The media type to ask for; any when left out. */
  readonly accept?: string;
  /** A longer answer is refused without reading the rest. */
  readonly maxBytes: number;
  /** Allow redirects to other origins. Files may be served by a CDN; nothing else may. */
  readonly allowForeignOrigin?: boolean;
  /** The address that served this file before, for the first try. */
  readonly shortcut?: string | undefined;
  /** Return what is wrong with an answer, or null. An invalid answer is requested again. */
  readonly validate?: (answer: HubAnswer) => string | null | Promise<string | null>;
}

export interface HubAnswer {
  /** Where the redirects ended. */
  readonly url: string;
  /** 200 or 206. */
  readonly status: number;
  readonly headers: FetchResponse["headers"];
  /** What the Hub says of the content where it redirects to it; null where it does not. */
  readonly linkedHash: string | null;
  /** Empty when a range was requested and the server sends the whole file. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Events of a connection. */
export interface HubListener {
  /** All requests of a kind now wait for the Hub's rate limit. */
  readonly onRateLimit?: (wait: RateLimitWait) => void;
  readonly onRetry?: (error: LlmSizeError, delayMs: number) => void;
}

/** Kinds of requests that the Hub limits separately (huggingface.co/docs/hub/rate-limits). */
export type Bucket = "api" | "resolvers";

/** A number of requests in a number of seconds. */
interface RatePolicy {
  readonly requests: number;
  readonly seconds: number;
}

export interface RateLimitWait {
  readonly host: string;
  readonly seconds: number;
  /** Null where the Hub does not say. */
  readonly policy: RatePolicy | null;
}

/** The last the Hub said of one kind of request. */
interface RateLimit {
  /** Requests that it still takes in this window; null before the first answer. */
  left: number | null;
  /** In milliseconds of `performance.now()`. */
  endsAtMs: number;
  /** Requests that are sent and not answered. */
  underWay: number;
  policy: RatePolicy | null;
  isReported: boolean;
}

export type RateLimits = Readonly<Record<Bucket, RateLimit>>;

/** Returns the error for a response other than 2xx. */
export type ErrorFromResponse = (
  response: Pick<FetchResponse, "status" | "headers">,
  label: RequestLabel,
  context: { readonly settings: Settings; readonly url: URL; readonly withToken: boolean },
) => LlmSizeError;

/** The state shared by all requests of one connection. */
export interface HubContext {
  readonly settings: Settings;
  readonly endpoint: URL;
  readonly fetch: Fetch;
  /** True for a host in a private network, where a redirect of this endpoint must not lead. Browsers have their own rules. */
  readonly leadsInside?: ((host: string, endpointHost: string) => Promise<boolean>) | undefined;
  readonly listener: HubListener;
  /** Ends all work when aborted. */
  readonly signal?: AbortSignal | undefined;
  readonly rateLimits: RateLimits;
  /** Reads refusals, where the endpoint is not a Hub. */
  readonly errorFromResponse?: ErrorFromResponse | undefined;
  /** True once the Hub has refused the token and the same request succeeded without it. */
  tokenRefused: boolean;
}

/** The parts of the API that an endpoint has turned out not to have. */
export interface Lacks {
  resolveCache: boolean;
}

/** The bytes that are read of one model: Kimi-K3 has an index of 60 MB, and headers of as much. */
export const MAX_MODEL_BYTES = 256_000_000;

/** The bytes that the answers for one model may still hold. */
export interface ByteBudget {
  leftBytes: number;
}

/** The state shared by the requests for one model: its limits, and its share of the connections. */
export interface ModelContext {
  readonly hub: HubContext;
  readonly budget: ByteBudget;
  readonly clock: Clock;
  readonly limit: LimitFunction;
}

export function formatLabel({ model, path }: RequestLabel): string {
  return path === undefined ? model : `${path} of ${model}`;
}
