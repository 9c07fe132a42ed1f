import { expect, test } from "vitest";
import pLimit from "p-limit";
import { startClock } from "../../../src/source/hub/clock.ts";
import {
  beginRequest,
  bucketOf,
  holdBack,
  noteRateLimit,
  remainingLimitMs,
  startRateLimits,
  waitForRateLimit,
} from "../../../src/source/hub/rate-limit.ts";
import { contextOf, respond } from "./context.ts";

test.each([
  ["https://hub.example/mirror/api/models/a/b", "api"],
  ["https://hub.example/mirror/a/b/resolve/main/config.json", "resolvers"],
  ["https://hub.example/mirror/api/resolve-cache/models/a/b/c/config.json", "resolvers"],
  ["https://cdn.example/api/file", "resolvers"],
])("%s is limited as %s", (url, bucket) => {
  expect(bucketOf(url, "https://hub.example/mirror")).toBe(bucket);
});

const said = (left: number, seconds: number, bucket = "api") =>
  respond(200, {
    RateLimit: `"${bucket}";r=${left};t=${seconds}`,
    "RateLimit-Policy": `"fixed window";"${bucket}";q=500;w=300`,
  });

test("a refusal holds back its kind alone, and never gets shorter", () => {
  const limits = startRateLimits();
  holdBack(limits, "api", 90_000);
  holdBack(limits, "api", 10_000);
  noteRateLimit(limits, said(499, 300));
  expect(remainingLimitMs(limits, "api")).toBeGreaterThan(10_000);
  expect(remainingLimitMs(limits, "resolvers")).toBe(0);
});

test("what is left is shared by the requests under way", () => {
  const limits = startRateLimits();
  noteRateLimit(limits, said(2, 295));
  expect([1, 2, 3].map(() => beginRequest(limits, "api"))).toEqual([true, true, false]);
  expect(remainingLimitMs(limits, "api")).toBeLessThan(100);
  // The answers come in another order than the Hub counted.
  limits.api.underWay = 0;
  noteRateLimit(limits, said(0, 295));
  noteRateLimit(limits, said(1, 295));
  expect(beginRequest(limits, "api")).toBe(false);
  expect(remainingLimitMs(limits, "api")).toBeGreaterThan(290_000);
});

test.each([
  ["another kind", '"pages";r=0;t=200'],
  ["a window of a day", '"api";r=0;t=86400'],
  ["no numbers", '"api";r=none;t=1'],
  ["nothing", ""],
])("%s limits nothing", (_, text) => {
  const limits = startRateLimits();
  noteRateLimit(limits, respond(200, { RateLimit: text }));
  expect([beginRequest(limits, "api"), beginRequest(limits, "resolvers")]).toEqual([true, true]);
});

test("a limit beyond the model's time is an error at once; one within it is waited for, and reported once", async () => {
  const waits: unknown[] = [];
  const hub = contextOf(() => respond(200), { retries: 1 }, { onRateLimit: (wait) => void waits.push(wait) });
  const clock = startClock(60_000);
  const model = { hub, clock, limit: pLimit(1) };
  holdBack(hub.rateLimits, "api", 90_000);
  await expect(waitForRateLimit(model, "api")).rejects.toMatchObject({
    code: "RATE_LIMITED",
    context: { host: "hub.example", seconds: 90 },
  });
  holdBack(hub.rateLimits, "resolvers", 40);
  await Promise.all([waitForRateLimit(model, "resolvers"), waitForRateLimit(model, "resolvers")]);
  expect(waits).toEqual([{ host: "hub.example", seconds: 1, policy: null }]);
  clock.stop();
});
