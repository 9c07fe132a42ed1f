/** Which failures are transient, how often each is retried, and how long to wait before. */
import { isFailure, LlmSizeError } from "../../errors.ts";
import { startDeadline, timedOut } from "./clock.ts";
import { beginRequest, bucketOf, holdBack, waitForRateLimit } from "./rate-limit.ts";
import { formatLabel, type HubAnswer, type HubRequest, type ModelContext } from "./request.ts";
import { send } from "./send.ts";

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 8000;

/** Send a request and retry transient errors while the model's time lasts. Throws only LlmSizeError. */
export async function requestWithRetries(
  url: string,
  request: HubRequest,
  context: ModelContext,
): Promise<HubAnswer> {
  const { hub, clock } = context;
  const { model } = request.label;
  if (hub.settings.offline) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model });
  try {
    return await retry(url, request, context);
  } catch (error) {
    if (!clock.isOver()) throw error;
    throw timedOut(model, clock.limitMs, { cause: error });
  }
}

async function retry(url: string, request: HubRequest, context: ModelContext): Promise<HubAnswer> {
  const { hub, clock, limit } = context;
  const { settings, listener, rateLimits } = hub;
  const bucket = bucketOf(url, settings.endpoint);
  for (let failedTries = 0; ;) {
    const address = (failedTries === 0 && request.shortcut) || url;
    try {
      await waitForRateLimit(context, bucket);
      const answer = await limit(async () => {
        // Another request may have met the rate limit while this one waited for its turn.
        if (!beginRequest(rateLimits, bucket)) return null;
        try {
          return await sendInTime(address, request, context);
        } finally {
          rateLimits[bucket].underWay--;
        }
      });
      if (answer) return answer;
    } catch (error) {
      if (!(error instanceof LlmSizeError) || clock.isOver()) throw error;
      // If the end of a rate limit is known, always wait for it, however often it is hit.
      const isWaitedFor = isFailure(error, "RATE_LIMITED") && error.context.seconds !== null;
      if (settings.retries === 0 || !isWaitedFor) failedTries++;
      const delayMs = planRetry(error, failedTries, settings.retries);
      if (delayMs === null || delayMs > clock.remainingMs()) throw error;
      listener.onRetry?.(error, delayMs);
      if (isFailure(error, "RATE_LIMITED")) holdBack(rateLimits, bucket, delayMs);
      else await clock.sleep(delayMs);
    }
  }
}

/** Send a request once. Throws HUB_STALLED when nothing arrives for too long. */
async function sendInTime(
  url: string,
  request: HubRequest,
  { hub, clock, budget }: ModelContext,
): Promise<HubAnswer> {
  const deadline = startDeadline(hub.settings.idleTimeoutMs, clock);
  try {
    return await send(url, { hub, request, deadline, budget });
  } catch (error) {
    if (error instanceof LlmSizeError || !deadline.signal.aborted) throw error;
    const [{ host }, what] = [hub.endpoint, formatLabel(request.label)];
    throw new LlmSizeError("HUB_STALLED", { host, what, seconds: deadline.seconds() }, { cause: error });
  } finally {
    deadline.stop();
  }
}

/** Return the milliseconds to wait after `failedTries` failures; null where another try is not worth it. */
export function planRetry(error: LlmSizeError, failedTries: number, retries: number): number | null {
  if (failedTries > Math.min(retries, countRetries(error))) return null;
  const seconds = readResetSeconds(error);
  // One second more, since the Hub rounds down, and a random part of another, so that requests do not return all at once.
  if (seconds !== null) return (seconds + 1 + Math.random()) * 1000;
  const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failedTries - 1));
  return delayMs * (0.5 + Math.random() / 2);
}

function countRetries(error: LlmSizeError): number {
  if (isFailure(error, "RATE_LIMITED")) return Infinity;
  if (isFailure(error, "HUB_FAILED")) {
    const { status } = error.context;
    if (status === 403) return 1; // a CDN address whose signature has expired
    return status === 408 || status === 425 || status >= 500 ? Infinity : 0;
  }
  if (isFailure(error, "HUB_STALLED")) return 2; // each has cost its whole deadline
  if (isFailure(error, "HUB_ANSWER_INVALID")) return 1; // a sign-in page stays one
  if (isFailure(error, "HUB_UNREACHABLE")) return countByCause(error.context.cause);
  return 0;
}

/** These fail at once and for good without a network. Files on this disk should not have to wait for them. */
const LASTING_CAUSES = new Set(["ENOTFOUND", "ENETUNREACH", "EHOSTUNREACH", "EACCES", "ERR_INVALID_URL"]);
/** Codes of OpenSSL's verification and of node's own (nodejs.org/api/tls.html#x509-certificate-error-codes). */
const CERTIFICATE_PROBLEM =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/;

function countByCause(cause: string): number {
  if (LASTING_CAUSES.has(cause) || CERTIFICATE_PROBLEM.test(cause)) return 0;
  if (cause.startsWith("the proxy answered 4") || cause.startsWith("it leads to")) return 0;
  return cause === "EAI_AGAIN" || cause === "ECONNREFUSED" ? 1 : Infinity;
}

/** Return the seconds that the server sent in `Retry-After` or `RateLimit`. */
function readResetSeconds(error: LlmSizeError): number | null {
  return isFailure(error, "RATE_LIMITED") || isFailure(error, "HUB_FAILED")
    ? (error.context.seconds ?? null)
    : null;
}
