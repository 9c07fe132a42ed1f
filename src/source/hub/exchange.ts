/** One try of one request: redirects, the token, and an answer of bounded length. */
import { LlmSizeError } from "../../errors.ts";
import type { Settings } from "../settings.ts";
import type { Deadline } from "./clock.ts";
import { describeDenial } from "./denial.ts";
import type { Fetch, FetchResponse } from "./http-fetch.ts";
import { reach } from "./reach.ts";
import { describeSubject, type HubAnswer, type HubRequest } from "./request.ts";

const MAX_REDIRECTS = 5;
const MAX_DISCARDED_BYTES = 16_384;

export interface Exchange {
  /** True once the Hub refused the token and the same request passed without it. */
  readonly tokenRefused: boolean;
  ask(url: string, options: HubRequest, deadline: Deadline): Promise<HubAnswer>;
}

/** An answer whose body is still to be read, and where the redirects ended. */
interface Arrival {
  readonly response: FetchResponse;
  readonly url: URL;
}

/** The token goes to the endpoint's own origin only, and never again after it was refused. */
export function createExchange(settings: Settings, fetch: Fetch, userAgent: string): Exchange {
  const endpoint = new URL(settings.endpoint);
  const prefix = endpoint.pathname.replace(/\/$/, "");
  let tokenRefused = false;

  async function ask(url: string, options: HubRequest, deadline: Deadline): Promise<HubAnswer> {
    const token = tokenRefused ? null : settings.token;
    const arrival = await follow(url, options, token, deadline);
    if (isFine(arrival)) return read(arrival, options, deadline);
    const { status, headers } = await discard(arrival, deadline);
    if (token === null || status !== 401 || headers.get("x-error-code") !== null)
      throw deny(arrival, options, token !== null);

    // A refused token gets 401 on public repositories too, and a missing repository answers just the same.
    const anonymous = await follow(url, options, null, deadline);
    if (isFine(anonymous) || anonymous.response.headers.get("x-error-code") !== null) {
      tokenRefused = true;
      if (isFine(anonymous)) return read(anonymous, options, deadline);
      await discard(anonymous, deadline);
      throw deny(anonymous, options, false);
    }
    const refusal = await discard(anonymous, deadline);
    if (refusal.status !== 401 && refusal.status !== 404) throw deny(anonymous, options, false);
    const identity = await follow(`${settings.endpoint}/api/whoami-v2`, options, token, deadline);
    const { model } = options.subject;
    await discard(identity, deadline);
    if (isFine(identity)) throw new LlmSizeError("MODEL_NOT_FOUND", { model, withToken: true });
    if (identity.response.status === 401) throw new LlmSizeError("TOKEN_INVALID", { model });
    throw deny(identity, options, true);
  }

  async function follow(
    start: string,
    options: HubRequest,
    token: string | null,
    deadline: Deadline,
  ): Promise<Arrival> {
    let url = belowPrefix(new URL(start));
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const own = url.origin === endpoint.origin;
      // They would be sent, and some errors would repeat them.
      if (url.username || url.password) throw unusable(options, "it leads to an address with a password");
      if (!own) assertMayLeave(url, options);
      const headers: Record<string, string> = { "user-agent": userAgent };
      if (options.range) headers["range"] = `bytes=${options.range.begin}-${options.range.end - 1}`;
      if (own && token !== null) headers["authorization"] = `Bearer ${token}`;
      const init = { headers, redirect: "manual", signal: deadline.signal } as const;
      const { href } = url;
      const response = await reach(url, deadline, () => fetch(href, init));
      deadline.extend();
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) return { response, url };
      await discard({ response, url }, deadline);
      if (!URL.canParse(location, url.href)) throw unusable(options, "it redirects to no address");
      url = belowPrefix(new URL(location, url));
    }
    throw unusable(options, "it redirects in a circle");
  }

  /** A mirror below a path may pass on the Hub's own redirects and next pages, which know nothing of the path. */
  function belowPrefix(url: URL): URL {
    const isPassedOn =
      url.origin === endpoint.origin &&
      !url.pathname.startsWith(`${prefix}/`) &&
      /^\/api\/(?:models|resolve-cache)\/|^(?:\/[^/]+){1,2}\/resolve\//.test(url.pathname);
    if (isPassedOn) url.pathname = prefix + url.pathname;
    return url;
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
      return checked({ ...answer, body: new Uint8Array() }, options);
    }
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    await reach(url, deadline, async () => {
      for await (const chunk of response.body ?? []) {
        deadline.extend();
        bytes += chunk.length;
        if (bytes > options.maxBytes) throw unusable(options, `it is longer than ${options.maxBytes} bytes`);
        chunks.push(chunk);
      }
    });
    return checked({ ...answer, body: join(chunks, bytes) }, options);
  }

  function checked(answer: HubAnswer, options: HubRequest): HubAnswer {
    const reason = options.findFlaw?.(answer) ?? null;
    if (reason !== null) throw unusable(options, reason);
    return answer;
  }

  function deny({ response, url }: Arrival, { subject }: HubRequest, withToken: boolean): LlmSizeError {
    return describeDenial(response, subject, { settings, url, withToken });
  }

  function unusable({ subject }: HubRequest, reason: string): LlmSizeError {
    const what = describeSubject(subject);
    return new LlmSizeError("HUB_ANSWER_INVALID", { host: endpoint.host, what, reason });
  }

  return {
    get tokenRefused() {
      return tokenRefused;
    },
    ask,
  };
}

/** A short body is read to its end, which keeps the connection for the next request; a long one is hung up on. */
async function discard({ response, url }: Arrival, deadline: Deadline): Promise<FetchResponse> {
  const { headers, body } = response;
  const length = Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  if (length > MAX_DISCARDED_BYTES) await body?.cancel();
  else
    await reach(url, deadline, async () => {
      for await (const _ of body ?? []);
    });
  return response;
}

function isFine({ response }: Arrival): boolean {
  return response.status >= 200 && response.status < 300;
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
