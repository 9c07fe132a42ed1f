/** One try of one request: redirects, the token, and a bounded answer. */
import { VERSION } from "../../contract/version.ts";
import { LlmSizeError } from "../../errors.ts";
import { concatBytes } from "../streams.ts";
import type { Deadline } from "./clock.ts";
import { errorFromResponse, wrapNetworkError } from "./errors.ts";
import type { FetchResponse } from "./fetch.ts";
import { noteRateLimit } from "./rate-limit.ts";
import {
  formatLabel,
  MAX_MODEL_BYTES,
  type ByteBudget,
  type HubAnswer,
  type HubContext,
  type HubRequest,
} from "./request.ts";

const MAX_REDIRECTS = 5;
const MAX_DISCARDED_BYTES = 16_384;

const TOO_MUCH = `headers and listings are longer than ${MAX_MODEL_BYTES} bytes in all`;

interface Attempt {
  readonly hub: HubContext;
  /** What the model's answers may still hold. */
  readonly budget: ByteBudget;
  readonly request: HubRequest;
  readonly deadline: Deadline;
}

/** A response whose body is still to be read, and where the redirects ended. */
interface PendingResponse {
  readonly response: FetchResponse;
  readonly url: URL;
  readonly linkedHash: string | null;
}

/** Send a request and read its answer. A token that was refused is not sent again. Throws LlmSizeError. */
export async function send(url: string, attempt: Attempt): Promise<HubAnswer> {
  const { tokenRefused, settings } = attempt.hub;
  const token = tokenRefused ? null : settings.token;
  const pending = await follow(url, token, attempt);
  if (isOk(pending)) return readAnswer(pending, attempt);
  await discard(pending, attempt);
  if (token === null || pending.response.status !== 401 || hasErrorCode(pending))
    throw refusal(pending, token !== null, attempt);
  return sendWithoutToken(url, token, attempt);
}

/**
 * Find out what a 401 means: a refused token gets it on public repositories too, and a missing repository answers the
 * same. Send the request without the token; if that does not settle it, ask the Hub who owns the token.
 */
async function sendWithoutToken(url: string, token: string, attempt: Attempt): Promise<HubAnswer> {
  const { hub, request } = attempt;
  const anonymous = await follow(url, null, attempt);
  if (isOk(anonymous)) {
    hub.tokenRefused = true;
    return readAnswer(anonymous, attempt);
  }
  await discard(anonymous, attempt);
  if (hasErrorCode(anonymous)) hub.tokenRefused = true;
  const { status } = anonymous.response;
  if (hasErrorCode(anonymous) || (status !== 401 && status !== 404)) throw refusal(anonymous, false, attempt);
  const identity = await follow(`${hub.settings.endpoint}/api/whoami-v2`, token, attempt);
  await discard(identity, attempt);
  const { model } = request.label;
  if (isOk(identity)) throw new LlmSizeError("MODEL_NOT_FOUND", { model, withToken: true });
  if (identity.response.status === 401) throw new LlmSizeError("TOKEN_INVALID", { model });
  throw refusal(identity, true, attempt);
}

/** Follow redirects to the final response, as far as the fetch did not. */
async function follow(start: string, token: string | null, attempt: Attempt): Promise<PendingResponse> {
  const { endpoint } = attempt.hub;
  let url = restorePrefix(new URL(start), endpoint);
  let linkedHash: string | null = null;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    await checkAddress(url, attempt);
    const response = await fetchOnce(url, token, attempt);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null)
      return { response, url: await findAddress(url, response, attempt), linkedHash };
    if (url.origin === endpoint.origin) linkedHash = readLinkedHash(response) ?? linkedHash;
    await discard({ response, url }, attempt);
    if (!URL.canParse(location, url.href)) throw invalidAnswer("it redirects to an invalid address", attempt);
    const target = restorePrefix(new URL(location, url), endpoint);
    if (url.protocol === "https:" && target.protocol === "http:")
      throw invalidAnswer(`it leads to ${target.host} without encryption`, attempt);
    url = target;
  }
  throw invalidAnswer("it redirects in a circle", attempt);
}

/** Return the address that a response came from: a browser follows redirects itself. */
async function findAddress(url: URL, response: FetchResponse, attempt: Attempt): Promise<URL> {
  if (!response.url || response.url === url.href) return url;
  const found = new URL(response.url);
  await checkAddress(found, attempt);
  return found;
}

/** Read `X-Linked-Etag: "e1a…"`: the git blob or the SHA-256 of the file that a redirect leads to. */
function readLinkedHash({ headers }: FetchResponse): string | null {
  return /^"([0-9a-f]{40}|[0-9a-f]{64})"$/.exec(headers.get("x-linked-etag") ?? "")?.[1] ?? null;
}

/** Make one HTTP request. The token goes to the endpoint's own origin only. */
async function fetchOnce(
  url: URL,
  token: string | null,
  { hub, request: { range, accept }, deadline }: Attempt,
): Promise<FetchResponse> {
  const headers: Record<string, string> = { "user-agent": `llm-size/${VERSION}` };
  if (accept !== undefined) headers["accept"] = accept;
  if (range) headers["range"] = `bytes=${range.begin}-${range.end - 1}`;
  if (token !== null && url.origin === hub.endpoint.origin) headers["authorization"] = `Bearer ${token}`;
  const init = { headers, redirect: "manual", signal: deadline.signal } as const;
  const response = await onNetwork(url, deadline, () => hub.fetch(url.href, init));
  deadline.extend();
  if (url.origin === hub.endpoint.origin) noteRateLimit(hub.rateLimits, response);
  return response;
}

/** Add the endpoint's path to the Hub's own redirects and next pages, which a mirror below a path may pass on as they are. */
function restorePrefix(url: URL, endpoint: URL): URL {
  const prefix = endpoint.pathname.replace(/\/$/, "");
  const isPassedOn =
    url.origin === endpoint.origin &&
    !url.pathname.startsWith(`${prefix}/`) &&
    /^\/api\/(?:models|resolve-cache)\/|^(?:\/[^/]+){1,2}\/resolve\//.test(url.pathname);
  if (isPassedOn) url.pathname = prefix + url.pathname;
  return url;
}

/** Refuse addresses with a password, which some errors would repeat, and other origins that are not allowed or are private. */
async function checkAddress(url: URL, attempt: Attempt): Promise<void> {
  const { endpoint } = attempt.hub;
  const fail = (reason: string) => invalidAnswer(reason, attempt);
  if (url.username || url.password) throw fail("it leads to an address with a password");
  if (url.origin === endpoint.origin) return;
  if (!attempt.request.allowForeignOrigin) throw fail(`it leads to ${url.host}`);
  const isAllowed = url.protocol === "https:" || (url.protocol === "http:" && endpoint.protocol === "http:");
  if (!isAllowed) throw fail(`it leads to ${url.host || url.protocol} without encryption`);
  if (await attempt.hub.leadsInside?.(url.hostname, endpoint.hostname))
    throw fail(`it leads to ${url.host}, a private address`);
}

/** Read and validate an answer. */
async function readAnswer(
  { response, url, linkedHash }: PendingResponse,
  attempt: Attempt,
): Promise<HubAnswer> {
  const { status, headers } = response;
  const isRangeIgnored = attempt.request.range !== undefined && status === 200;
  if (isRangeIgnored) await response.body?.cancel();
  const body = isRangeIgnored ? new Uint8Array() : await readBody({ response, url }, attempt);
  const answer = { url: url.href, status, headers, linkedHash, body };
  const problem = (await attempt.request.validate?.(answer)) ?? null;
  if (problem !== null) throw invalidAnswer(problem, attempt);
  return answer;
}

async function readBody(
  { response, url }: Omit<PendingResponse, "linkedHash">,
  attempt: Attempt,
): Promise<Uint8Array<ArrayBuffer>> {
  const { budget, request } = attempt;
  const { maxBytes, label } = request;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  await onNetwork(url, attempt.deadline, async () => {
    for await (const chunk of response.body ?? []) {
      attempt.deadline.extend();
      bytes += chunk.length;
      budget.leftBytes -= chunk.length;
      if (budget.leftBytes < 0) {
        const context = { model: label.model, path: label.path ?? "its listing", reason: TOO_MUCH };
        throw new LlmSizeError("MALFORMED_WEIGHTS", context);
      }
      if (bytes > maxBytes) throw invalidAnswer(`it is longer than ${maxBytes} bytes`, attempt);
      chunks.push(chunk);
    }
  });
  // Most answers come in one chunk, which needs no copy.
  const [whole] = chunks;
  return whole && chunks.length === 1 ? whole : concatBytes(chunks);
}

/** Read a short body to its end, which keeps the connection for the next request; close the connection on a long one. */
async function discard(
  { response, url }: Omit<PendingResponse, "linkedHash">,
  { deadline }: Attempt,
): Promise<void> {
  const { headers, body } = response;
  const length = Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  if (length > MAX_DISCARDED_BYTES) await body?.cancel();
  else
    await onNetwork(url, deadline, async () => {
      for await (const _ of body ?? []);
    });
}

async function onNetwork<Result>(url: URL, deadline: Deadline, work: () => Promise<Result>): Promise<Result> {
  try {
    return await Promise.race([work(), deadline.ended]);
  } catch (error) {
    throw deadline.signal.aborted ? error : wrapNetworkError(error, url.host);
  }
}

function isOk({ response }: PendingResponse): boolean {
  return response.status >= 200 && response.status < 300;
}

/** True where the Hub itself says why it refuses. */
function hasErrorCode({ response }: PendingResponse): boolean {
  return response.headers.get("x-error-code") !== null;
}

function refusal({ response, url }: PendingResponse, withToken: boolean, attempt: Attempt): LlmSizeError {
  const { settings, errorFromResponse: read = errorFromResponse } = attempt.hub;
  return read(response, attempt.request.label, { settings, url, withToken });
}

function invalidAnswer(reason: string, { hub, request }: Attempt): LlmSizeError {
  const what = formatLabel(request.label);
  return new LlmSizeError("HUB_ANSWER_INVALID", { host: hub.endpoint.host, what, reason });
}
