/** Which failures may pass, how often each is worth another try, and how long to wait for it. */
import { isFailure, type LlmSizeError } from "../../errors.ts";

/** More tries where `--retries` does not say; huggingface_hub makes as many. */
export const DEFAULT_RETRIES = 4;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8000;

/** Milliseconds before the next try, after so many have failed; null where another is not worth it. */
export function planRetry(error: LlmSizeError, failedTries: number, retries: number): number | null {
  if (failedTries > Math.min(retries, countWorthwhile(error))) return null;
  const asked = readAskedSeconds(error);
  // A second more than asked, since the Hub rounds down, and up to another, so that not all come back at once.
  if (asked !== null) return (asked + 1 + Math.random()) * 1000;
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failedTries - 1));
  return delayMs * (0.5 + Math.random() / 2);
}

function countWorthwhile(error: LlmSizeError): number {
  if (isFailure(error, "RATE_LIMITED")) return Infinity;
  if (isFailure(error, "HUB_FAILED")) {
    const { status } = error.context;
    if (status === 403) return 1; // an address of the CDN whose signature has run out
    return status === 408 || status === 425 || status >= 500 ? Infinity : 0;
  }
  if (isFailure(error, "HUB_STALLED")) return 2; // each has cost its whole deadline
  if (isFailure(error, "HUB_ANSWER_INVALID")) return 1; // a sign-in page stays one
  if (isFailure(error, "HUB_UNREACHABLE")) return countByCause(error.context.cause);
  return 0;
}

/** Without a network these fail at once and for good; what is on disk should not have to wait for them. */
const LASTING_CAUSES: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EACCES",
  "ERR_INVALID_URL",
]);
const BRIEF_CAUSES: ReadonlySet<string> = new Set(["EAI_AGAIN", "ECONNREFUSED"]);

function countByCause(cause: string): number {
  if (LASTING_CAUSES.has(cause) || isCertificateProblem(cause) || cause.startsWith("the proxy answered 4"))
    return 0;
  return BRIEF_CAUSES.has(cause) ? 1 : Infinity;
}

/** Codes of OpenSSL's verification and of node's own (nodejs.org/api/tls.html#x509-certificate-error-codes). */
function isCertificateProblem(cause: string): boolean {
  return /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/.test(
    cause,
  );
}

/** What the server asked for, by `Retry-After` or `RateLimit`. */
function readAskedSeconds(error: LlmSizeError): number | null {
  return isFailure(error, "RATE_LIMITED") || isFailure(error, "HUB_FAILED")
    ? (error.context.seconds ?? null)
    : null;
}
