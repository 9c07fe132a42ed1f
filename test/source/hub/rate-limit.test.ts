import { expect, test } from "vitest";
import pLimit from "p-limit";
import { startClock } from "../../../src/source/hub/clock.ts";
import {
  bucketOf,
  holdBack,
  remainingLimitMs,
  waitForRateLimit,
} from "../../../src/source/hub/rate-limit.ts";
import { contextOf, respond } from "./context.ts";

test.each([
  ["https://hub.example/mirror/api/models/a/b", "api"],
  ["https://hub.example/mirror/a/b/resolve/main/config.json", "resolvers"],
  ["https://cdn.example/api/file", "resolvers"],
])("%s is limited as %s", (url, bucket) => {
  expect(bucketOf(url, "https://hub.example/mirror")).toBe(bucket);
});

test("a limit holds back its kind alone, is reported once, and never gets shorter", () => {
  const waits: unknown[] = [];
  const listener = { onRateLimit: (host: string, seconds: number) => void waits.push([host, seconds]) };
  const hub = contextOf(() => respond(200), {}, listener);
  holdBack(hub, "api", { host: "hub.example", ms: 90_000 });
  holdBack(hub, "api", { host: "hub.example", ms: 10_000 });
  expect(waits).toEqual([["hub.example", 90]]);
  expect(remainingLimitMs(hub.rateLimits, "api")).toBeGreaterThan(10_000);
  expect(remainingLimitMs(hub.rateLimits, "resolvers")).toBe(0);
});

test("a limit beyond the model's time is an error at once; one within it is waited for", async () => {
  const hub = contextOf(() => respond(200));
  const clock = startClock(60_000);
  const model = { hub, clock, limit: pLimit(1) };
  holdBack(hub, "api", { host: "hub.example", ms: 90_000 });
  await expect(waitForRateLimit(model, "api")).rejects.toMatchObject({
    code: "RATE_LIMITED",
    context: { host: "hub.example", seconds: 90 },
  });
  holdBack(hub, "resolvers", { host: "hub.example", ms: 20 });
  await waitForRateLimit(model, "resolvers");
  expect(remainingLimitMs(hub.rateLimits, "resolvers")).toBeLessThan(2); // timers may be a little early
  clock.stop();
});
