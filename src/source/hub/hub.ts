/** One connection to the Hub: every request of the program goes through here. */
import { LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import { describeDenial } from "./denial.ts";

export type Fetch = typeof globalThis.fetch;

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
}

export interface HubAnswer {
  /** Where the redirects ended. */
  readonly url: string;
  /** 200 or 206. */
  readonly status: number;
  readonly headers: Headers;
  /** Empty when a range was asked and the server sends the whole file. */
  readonly body: Uint8Array<ArrayBuffer>;
}

export interface Hub {
  readonly settings: Settings;
  readonly host: string;
  /** True once the Hub refused the token and the same request passed without it. */
  readonly tokenRefused: boolean;
  /** Every end but an answer is an LlmSizeError. */
  request(url: string, request: HubRequest): Promise<HubAnswer>;
}

const MAX_REDIRECTS = 5;
const MAX_DISCARDED_BYTES = 16_384;

/** A slow line is no stalled one: an answer that keeps coming may take this many times the deadline of a silent one. */
const SLOWEST_FACTOR = 6;

/** The token goes to the endpoint's own origin only, and never again after it was refused. */
export function connectHub(settings: Settings, fetch: Fetch, userAgent: string): Hub {
  const endpoint = new URL(settings.endpoint);
  const host = endpoint.host;
  let tokenRefused = false;

  async function request(url: string, options: HubRequest): Promise<HubAnswer> {
    const deadline = startDeadline(settings.timeoutMs);
    try {
      return await ask(url, options, deadline);
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

  async function ask(url: string, options: HubRequest, deadline: Deadline): Promise<HubAnswer> {
    const token = tokenRefused ? null : settings.token;
    const arrival = await follow(url, options, token, deadline);
    if (arrival.response.ok) return read(arrival, options, deadline);
    const { status, headers } = await discard(arrival);
    if (token === null || status !== 401 || headers.has("x-error-code"))
      throw deny(arrival, options, token !== null);

    // A refused token gets 401 on public repositories too, and a missing repository answers just the same.
    const anonymous = await follow(url, options, null, deadline);
    if (anonymous.response.ok || anonymous.response.headers.has("x-error-code")) {
      tokenRefused = true;
      if (anonymous.response.ok) return read(anonymous, options, deadline);
      await discard(anonymous);
      throw deny(anonymous, options, false);
    }
    await discard(anonymous);
    const identity = await discard(
      await follow(`${settings.endpoint}/api/whoami-v2`, options, token, deadline),
    );
    const { model } = options.subject;
    if (identity.status === 401) throw new LlmSizeError("TOKEN_INVALID", { model });
    throw new LlmSizeError("MODEL_NOT_FOUND", { model, withToken: true });
  }

  async function follow(
    start: string,
    options: HubRequest,
    token: string | null,
    deadline: Deadline,
  ): Promise<Arrival> {
    let url = new URL(start);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const own = url.origin === endpoint.origin;
      if (!own) assertMayLeave(url, options);
      const headers: Record<string, string> = { "user-agent": userAgent };
      if (options.range) headers["range"] = `bytes=${options.range.begin}-${options.range.end - 1}`;
      if (own && token !== null) headers["authorization"] = `Bearer ${token}`;
      const response = await fetch(url.href, { headers, redirect: "manual", signal: deadline.signal });
      deadline.extend();
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return { response, url };
      await discard({ response, url });
      if (!URL.canParse(location, url.href)) throw unusable(options, "it redirects to no address");
      url = new URL(location, url);
    }
    throw unusable(options, "it redirects in a circle");
  }

  function assertMayLeave(url: URL, options: HubRequest): void {
    if (!options.allowForeignOrigin) throw unusable(options, `it leads to ${url.host}`);
    const encrypted =
      url.protocol === "https:" || (url.protocol === "http:" && endpoint.protocol === "http:");
    if (!encrypted) throw unusable(options, `it leads to ${url.host || url.protocol} without encryption`);
  }

  async function read(
    { response, url }: Arrival,
    options: HubRequest,
    deadline: Deadline,
  ): Promise<HubAnswer> {
    const answer = { url: url.href, status: response.status, headers: response.headers };
    if (options.range && response.status === 200) {
      await response.body?.cancel();
      return { ...answer, body: new Uint8Array() };
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      deadline.extend();
      bytes += chunk.length;
      if (bytes > options.maxBytes) throw unusable(options, `it is longer than ${options.maxBytes} bytes`);
      chunks.push(chunk);
    }
    return { ...answer, body: join(chunks, bytes) };
  }

  function deny({ response }: Arrival, { subject }: HubRequest, withToken: boolean): LlmSizeError {
    return describeDenial(response, subject, { settings, host, withToken });
  }

  function unusable({ subject }: HubRequest, reason: string): LlmSizeError {
    return new LlmSizeError("HUB_ANSWER_INVALID", { host, what: describeSubject(subject), reason });
  }

  return {
    settings,
    host,
    get tokenRefused() {
      return tokenRefused;
    },
    request,
  };
}

/** Ends a request that has been silent for too long, or that has taken too long in all. */
interface Deadline {
  readonly signal: AbortSignal;
  /** Something arrived. */
  extend(): void;
  stop(): void;
  /** How long the request has lasted. */
  seconds(): number;
}

function startDeadline(silentMs: number): Deadline {
  const controller = new AbortController();
  const begun = performance.now();
  const abort = () => controller.abort();
  const overall = setTimeout(abort, silentMs * SLOWEST_FACTOR);
  const silence = setTimeout(abort, silentMs);
  return {
    signal: controller.signal,
    extend: () => void silence.refresh(),
    stop: () => {
      clearTimeout(overall);
      clearTimeout(silence);
    },
    seconds: () => Math.round((performance.now() - begun) / 100) / 10,
  };
}

/** An answer whose body is still to be read, and where the redirects ended. */
interface Arrival {
  readonly response: Response;
  readonly url: URL;
}

/** A short body is read to its end, which keeps the connection for the next request; a long one is hung up on. */
async function discard({ response }: Arrival): Promise<Response> {
  const length = Number(response.headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  await (length <= MAX_DISCARDED_BYTES ? response.arrayBuffer() : response.body?.cancel());
  return response;
}

function join(chunks: readonly Uint8Array[], bytes: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
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
