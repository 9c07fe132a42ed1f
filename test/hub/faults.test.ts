import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { FaultRule } from "./faults.ts";
import { type StandInHub, startHub } from "./hub.ts";

const BIG = 70_000_000_000;
const INFO = "/api/models/org/model";
const CONFIG = "/org/model/resolve/main/config.json";
const WEIGHTS = "/org/model/resolve/main/model.safetensors";
const RANGE = { Range: "bytes=0-99" };

let hub: StandInHub;
beforeAll(async () => {
  const files = {
    "config.json": { content: '{"model_type":"gpt2"}' },
    "model.safetensors": { head: new TextEncoder().encode("head"), size: BIG },
  };
  hub = await startHub({ repositories: [{ id: "org/model", files }] });
});
beforeEach(() => {
  hub.clearFaults();
  hub.clearLog();
});
afterAll(() => hub.close());

async function ask(path: string, init: RequestInit = {}) {
  const response = await fetch(hub.endpoint + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test.each<[FaultRule, string, number, string | RegExp]>([
  [{ fault: "status", status: 503 }, INFO, 503, "Service Unavailable"],
  [{ fault: "status", status: 408, stage: "cdn" }, WEIGHTS, 408, "Request Timeout"],
  [{ fault: "rate-limit", resetSeconds: 7 }, INFO, 429, /^\{"error":"We had to rate limit your IP/],
  [{ fault: "html" }, CONFIG, 200, /^<!doctype html>/],
  [{ fault: "json", body: [] }, INFO, 200, "[]"],
  [{ fault: "error-with-200" }, INFO, 200, /^\{"error":/],
  [{ fault: "gzip", stage: "config" }, CONFIG, 200, '{"model_type":"gpt2"}'],
  [{ fault: "garbage", stage: "config" }, CONFIG, 200, "\ufffd".repeat(21)],
  [{ fault: "garbage", stage: "cdn" }, WEIGHTS, 206, "\ufffd".repeat(100)],
  [{ fault: "short-body", keepBytes: 3, stage: "cdn" }, WEIGHTS, 206, "hea"],
  [{ fault: "lfs-pointer", stage: "cdn" }, WEIGHTS, 206, /^version https:\/\/git-lfs/],
  [{ fault: "lfs-pointer", stage: "header" }, WEIGHTS, 206, /^version https:\/\/git-lfs/],
  [{ fault: "drip", chunkBytes: 40, pauseMs: 5, stage: "cdn" }, WEIGHTS, 206, /^head\0{96}$/],
])("%o", async (rule, path, status, text) => {
  hub.fail(rule);
  const answer = await ask(path, path === WEIGHTS ? { headers: RANGE } : {});
  expect(answer.status).toBe(status);
  expect(answer.text).toEqual(typeof text === "string" ? text : expect.stringMatching(text));
});

test("a rate limit says when it ends, and ends", async () => {
  hub.fail({ fault: "rate-limit", resetSeconds: 7, retryAfterSeconds: 3, stage: "info", times: 1 });
  const { headers } = await ask(INFO);
  expect([headers.get("ratelimit"), headers.get("retry-after")]).toEqual(['"api";r=0;t=7', "3"]);
  expect(headers.get("x-request-id")).not.toBeNull();
  expect((await ask(INFO)).status).toBe(200);
});

test("a fault keeps to its stage, its file and its requests", async () => {
  hub.fail({ fault: "status", status: 500, stage: "config" });
  hub.fail({
    fault: "status",
    status: 502,
    file: "model.safetensors",
    when: ({ origin }) => origin === "cdn",
  });
  expect((await ask(INFO)).status).toBe(200);
  expect((await ask(CONFIG)).status).toBe(500);
  expect((await ask(WEIGHTS, { headers: RANGE })).status).toBe(502);
});

test("a wrong Content-Range", async () => {
  hub.fail({ fault: "wrong-content-range", contentRange: "bytes 8-107/70" });
  expect((await ask(WEIGHTS, { headers: RANGE })).headers.get("content-range")).toBe("bytes 8-107/70");
});

test("a compressed answer has no length", async () => {
  hub.fail({ fault: "gzip", stage: "info" });
  const { headers } = await ask(INFO);
  expect([headers.get("content-encoding"), headers.get("content-length")]).toEqual(["gzip", null]);
});

test("a truncated body breaks off", async () => {
  hub.fail({ fault: "truncate", stage: "cdn" });
  const response = await fetch(hub.endpoint + WEIGHTS, { headers: RANGE });
  expect(response.headers.get("content-length")).toBe("100");
  await expect(response.text()).rejects.toThrow("terminated");
  expect(hub.requests[1]?.bytesSent).toBe(50);
});

test("a reset and a stall", async () => {
  hub.fail({ fault: "reset", stage: "info", times: 1 });
  await expect(ask(INFO)).rejects.toThrow("fetch failed");
  hub.fail({ fault: "stall", stage: "info", times: 1 });
  await expect(ask(INFO, { signal: AbortSignal.timeout(50) })).rejects.toThrow("timeout");
  expect(hub.requests.map(({ status }) => status)).toEqual([null, null]);
});

test("an ignored range streams 70 GB only until the client hangs up", async () => {
  hub.fail({ fault: "ignore-range", stage: "cdn" });
  const response = await fetch(hub.endpoint + WEIGHTS, { headers: RANGE });
  expect([response.status, response.headers.get("content-length")]).toEqual([200, String(BIG)]);
  expect(response.headers.get("content-range")).toBeNull();
  const reader = response.body?.getReader();
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
  await reader?.cancel();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const sent = hub.requests[1]?.bytesSent ?? 0;
  expect(sent).toBeGreaterThanOrEqual(65_536);
  expect(sent).toBeLessThan(50_000_000);
});

test("redirects: in circles, to another host, to another page's origin", async () => {
  hub.fail({ fault: "redirect-loop", stage: "info", times: 30 });
  await expect(ask(INFO)).rejects.toThrow("fetch failed");
  expect(hub.requests).toHaveLength(21);
  hub.clearFaults();
  hub.fail({ fault: "redirect", location: "http://elsewhere.example/", stage: "info" });
  const moved = await ask(INFO, { redirect: "manual" });
  expect([moved.status, moved.headers.get("location")]).toEqual([302, "http://elsewhere.example/"]);
  hub.fail({ fault: "foreign-link", origin: "http://elsewhere.example", stage: "tree" });
  expect((await ask(`${INFO}/tree/main`)).headers.get("link")).toBe(
    '<http://elsewhere.example/api/models/org/model/tree/main?cursor=foreign>; rel="next"',
  );
});

test("latency delays both origins", async () => {
  const slow = await startHub({
    latencyMs: 30,
    repositories: [{ id: "org/model", files: { "a.bin": { content: "a", lfs: true } } }],
  });
  const start = performance.now();
  await fetch(`${slow.endpoint}/org/model/resolve/main/a.bin`).then((answer) => answer.text());
  expect(performance.now() - start).toBeGreaterThanOrEqual(58);
  await slow.close();
});
