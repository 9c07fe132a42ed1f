import { describe, expect, test } from "vitest";
import { LlmSizeError } from "../../../src/errors.ts";
import { planRetry } from "../../../src/source/hub/retry.ts";

const host = "hub.example";
const failed = (status: number, seconds: number | null = null) =>
  new LlmSizeError("HUB_FAILED", { host, status, seconds, what: "acme/model" });
const unreachable = (cause: string) => new LlmSizeError("HUB_UNREACHABLE", { host, cause });
const limited = (seconds: number | null) =>
  new LlmSizeError("RATE_LIMITED", { host, seconds, withToken: false, waits: true });
const invalid = new LlmSizeError("HUB_ANSWER_INVALID", { host, what: "acme/model", reason: "" });
const stalled = new LlmSizeError("HUB_STALLED", { host, what: "acme/model", seconds: 10 });

function countTries(error: LlmSizeError, retries = 4): number {
  let tries = 1;
  while (planRetry(error, tries, retries) !== null) tries++;
  return tries;
}

describe("how often", () => {
  test.each<[string, LlmSizeError, number]>([
    ["408", failed(408), 5],
    ["425", failed(425), 5],
    ["500", failed(500), 5],
    ["503", failed(503), 5],
    ["a limited rate", limited(null), 5],
    ["a reset", unreachable("ECONNRESET"), 5],
    ["a socket that closed", unreachable("UND_ERR_SOCKET"), 5],
    ["a silent Hub", stalled, 3],
    ["an answer that cannot be used", invalid, 2],
    ["an address that ran out", failed(403), 2],
    ["a resolver that is away", unreachable("EAI_AGAIN"), 2],
    ["nobody listening", unreachable("ECONNREFUSED"), 2],
    ["no such host", unreachable("ENOTFOUND"), 1],
    ["no network", unreachable("ENETUNREACH"), 1],
    ["a certificate nobody knows", unreachable("DEPTH_ZERO_SELF_SIGNED_CERT"), 1],
    ["a certificate of another host", unreachable("ERR_TLS_CERT_ALTNAME_INVALID"), 1],
    ["a proxy that wants another password", unreachable("the proxy answered 407"), 1],
    ["a proxy that is busy", unreachable("the proxy answered 502"), 5],
    ["a wrong request", failed(400), 1],
    ["a missing model", new LlmSizeError("MODEL_NOT_FOUND", { model: "a" }), 1],
    ["malformed weights", new LlmSizeError("MALFORMED_WEIGHTS", { model: "a", path: "b", reason: "c" }), 1],
  ])("%s: %i tries", (_, error, tries) => {
    expect(countTries(error)).toBe(tries);
    expect(countTries(error, 0)).toBe(1);
  });
});

describe("how long", () => {
  test.each([
    [1, 250, 500],
    [2, 500, 1000],
    [3, 1000, 2000],
    [4, 2000, 4000],
    [9, 4000, 8000],
  ])("after %i tries from %i to %i ms", (failedTries, least, most) => {
    for (let draw = 0; draw < 100; draw++) {
      const delayMs = planRetry(failed(503), failedTries, 99);
      expect(delayMs).toBeGreaterThanOrEqual(least);
      expect(delayMs).toBeLessThanOrEqual(most);
    }
  });

  test.each([
    ["a limit that resets", limited(7)],
    ["a Hub that says when", failed(503, 7)],
  ])("%s: a little longer than asked", (_, error) => {
    const delayMs = planRetry(error, 1, 4);
    expect(delayMs).toBeGreaterThanOrEqual(8000);
    expect(delayMs).toBeLessThanOrEqual(9000);
  });
});
