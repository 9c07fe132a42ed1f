import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { gzipSync } from "node:zlib";
import { type Answer, answerBytes, answerJson, answerRedirect, answerText } from "./answer.ts";
import { type ByteSource, bytesOf, windowOf } from "./bytes.ts";
import { denyRate } from "./denials.ts";
import { bucketOf, rateLimitHeader } from "./rate-limit.ts";
import type { HubRequest, LoggedRequest, Stage } from "./request.ts";

/** One thing that can go wrong. Those that spoil bytes wait for an answer that has some, so they pass over redirects. */
export type Fault =
  | { readonly fault: "rate-limit"; readonly resetSeconds: number; readonly retryAfterSeconds?: number }
  | { readonly fault: "status"; readonly status: number }
  | { readonly fault: "reset" }
  /** Answers once something else has happened. */
  | { readonly fault: "hold"; readonly until: () => boolean }
  /** Accepts the request and never answers. */
  | { readonly fault: "stall" }
  | { readonly fault: "drip"; readonly chunkBytes: number; readonly pauseMs: number }
  /** A 200 with the whole file where a range was asked. */
  | { readonly fault: "ignore-range" }
  /** The connection ends early; half way if not told. */
  | { readonly fault: "truncate"; readonly keepBytes?: number }
  /** Too few bytes, with a Content-Length that fits them. */
  | { readonly fault: "short-body"; readonly keepBytes: number }
  | { readonly fault: "wrong-content-range"; readonly contentRange: string }
  | { readonly fault: "gzip" }
  /** A login page with status 200. */
  | { readonly fault: "html" }
  /** The pointer of an LFS file in place of its bytes. */
  | { readonly fault: "lfs-pointer" }
  | { readonly fault: "garbage" }
  | { readonly fault: "json"; readonly body: unknown }
  | { readonly fault: "error-with-200" }
  | { readonly fault: "redirect-loop" }
  | { readonly fault: "redirect"; readonly location: string }
  /** Bytes of its own in place of an HTTP answer, again and again where it is told how often. The connection stays open. */
  | { readonly fault: "raw"; readonly text: string; readonly everyMs?: number }
  /** A page with these items, and always one more. */
  | { readonly fault: "endless-pages"; readonly items: readonly unknown[]; readonly isCircle: boolean }
  /** The next page lies on another origin. */
  | { readonly fault: "foreign-link"; readonly origin: string };

/** A fault and the requests it befalls: all, or those of a stage, of a repository file, that a function picks; at most `times`. */
export type FaultRule = Fault & {
  readonly stage?: Stage;
  readonly file?: string;
  readonly when?: (request: LoggedRequest) => boolean;
  readonly times?: number;
};

/** An answer and how it is sent. */
export interface Delivery {
  readonly answer: Answer;
  readonly connection: "kept" | "reset" | "stalled";
  /** Sent in place of the answer. */
  readonly raw: { readonly text: string; readonly everyMs?: number } | null;
  /** The connection is cut after so many body bytes. */
  readonly cutAfterBytes: number;
  readonly chunkBytes: number;
  readonly pauseMs: number;
  /** The answer waits until this is true. */
  readonly until: () => boolean;
}

/** The rules in force; `befall` spends the first that fits. */
export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  befall(request: HubRequest, logged: LoggedRequest, answer: Answer): Delivery;
}

export function createFaults(): Faults {
  let rules: { rule: FaultRule; left: number }[] = [];
  return {
    add: (rule) => void rules.push({ rule, left: rule.times ?? Infinity }),
    clear: () => void (rules = []),
    befall(request, logged, answer) {
      for (const entry of rules) {
        if (entry.left === 0 || !matches(entry.rule, logged)) continue;
        const delivery = spoil(entry.rule, request, answer);
        if (delivery === null) continue;
        entry.left -= 1;
        return delivery;
      }
      return deliver(answer);
    },
  };
}

function matches({ stage, file, when }: FaultRule, logged: LoggedRequest): boolean {
  return (
    (stage === undefined || stage === logged.stage) &&
    (file === undefined || file === logged.file) &&
    (when === undefined || when(logged))
  );
}

const CHUNK_BYTES = 65_536;

function deliver(answer: Answer, manner: Partial<Delivery> = {}): Delivery {
  return {
    connection: "kept",
    raw: null,
    cutAfterBytes: Infinity,
    chunkBytes: CHUNK_BYTES,
    pauseMs: 0,
    until: () => true,
    ...manner,
    answer,
  };
}

/** Null when the fault cannot befall this answer. */
function spoil(fault: Fault, request: HubRequest, answer: Answer): Delivery | null {
  switch (fault.fault) {
    case "reset":
      return deliver(answer, { connection: "reset" });
    case "hold":
      return deliver(answer, { until: fault.until });
    case "stall":
      return deliver(answer, { connection: "stalled" });
    case "raw":
      return deliver(answer, { raw: fault });
    case "drip":
      return hasBytes(answer) ? deliver(answer, fault) : null;
    case "truncate": {
      const cutAfterBytes = fault.keepBytes ?? Math.floor(answer.body.size / 2);
      return hasBytes(answer) ? deliver(answer, { cutAfterBytes }) : null;
    }
    default: {
      const spoiled =
        replaceAnswer(fault, request, answer) ??
        (hasBytes(answer) ? spoilBytes(fault, request, answer) : null);
      return spoiled && deliver(spoiled);
    }
  }
}

function hasBytes({ status }: Answer): boolean {
  return status === 200 || status === 206;
}

/** Faults that answer in place of the Hub, whatever was asked. */
function replaceAnswer(fault: Fault, request: HubRequest, answer: Answer): Answer | null {
  const { url, headers } = request;
  switch (fault.fault) {
    case "rate-limit":
      return denyRate(request, {
        RateLimit: rateLimitHeader(bucketOf(url.pathname), 0, fault.resetSeconds),
        ...(fault.retryAfterSeconds !== undefined && { "Retry-After": String(fault.retryAfterSeconds) }),
      });
    case "status":
      return answerText(fault.status, STATUS_CODES[fault.status] ?? "");
    case "html":
      return answerText(200, "<!doctype html><title>Log in</title>", { "Content-Type": "text/html" });
    case "json":
      return answerJson(fault.body);
    case "error-with-200":
      return answerJson({ error: "We had to rate limit your IP (127.0.0.1)." });
    case "endless-pages": {
      const next = new URL(url);
      next.searchParams.set("cursor", fault.isCircle ? "again" : randomUUID());
      return answerJson(fault.items, { Link: `<${next.href}>; rel="next"` });
    }
    case "redirect-loop":
      return answerRedirect(307, url.pathname + url.search);
    case "redirect":
      return answerRedirect(302, fault.location);
    case "lfs-pointer":
      return answer.file?.lfs ? answerBytes(answer.file.inGit, headers.range, {}) : null;
    case "ignore-range":
      return headers.range && answer.whole
        ? answerBytes(answer.whole, undefined, withoutRange(answer))
        : null;
    default:
      return null;
  }
}

/** Faults that change what the Hub did answer. */
function spoilBytes(fault: Fault, request: HubRequest, answer: Answer): Answer | null {
  const { headers, body } = answer;
  switch (fault.fault) {
    case "short-body":
      return { ...answer, body: windowOf(body, 0, Math.min(fault.keepBytes, body.size)) };
    case "wrong-content-range":
      return answer.status === 206
        ? { ...answer, headers: { ...headers, "Content-Range": fault.contentRange } }
        : null;
    case "gzip":
      return {
        ...answer,
        headers: { ...headers, "Content-Encoding": "gzip" },
        body: bytesOf(gzipSync(body.slice(0, body.size))),
      };
    case "garbage":
      return { ...answer, body: garbage(body.size) };
    case "foreign-link": {
      const next = new URL(`${request.url.pathname}${request.url.search}`, fault.origin);
      next.searchParams.set("cursor", "foreign");
      return { ...answer, headers: { ...headers, Link: `<${next.href}>; rel="next"` } };
    }
    default:
      return null;
  }
}

function withoutRange({ headers }: Answer): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "Content-Range"));
}

/** 0xA5 begins no UTF-8 character, no JSON and no file format. */
function garbage(size: number): ByteSource {
  return { size, slice: (start, end) => new Uint8Array(end - start).fill(0xa5) };
}
