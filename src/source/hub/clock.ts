/** Time limits: of one answer, and of one model with all its waits and retries. */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { LlmSizeError } from "../../errors.ts";

/** The time limit of one model. */
export interface Clock {
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
  remainingMs(): number;
  /** Throws MODEL_TIMED_OUT when the time is up, also where a computation has kept the signal from being set. */
  check(model: string): void;
  /** Rejects when the time is up first. */
  sleep(ms: number): Promise<void>;
  stop(): void;
}

export function startClock(limitMs: number, signal?: AbortSignal): Clock {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // one per request under way
  const endsAt = performance.now() + limitMs;
  const abort = () => controller.abort();
  const timer = setTimeout(abort, limitMs);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  return {
    signal: controller.signal,
    limitMs,
    remainingMs: () => endsAt - performance.now(),
    check(model) {
      if (performance.now() > endsAt) throw timedOut(model, limitMs);
    },
    sleep: (ms) => sleep(ms, undefined, { signal: controller.signal }),
    // Requests that are still under way for a finished model are no longer needed.
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      abort();
    },
  };
}

export function timedOut(model: string, limitMs: number, options?: ErrorOptions): LlmSizeError {
  return new LlmSizeError("MODEL_TIMED_OUT", { model, seconds: limitMs / 1000 }, options);
}

/** Aborts a request when nothing arrives for too long, or when it takes too long in all. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts: not every connection that is aborted says so. */
  readonly ended: Promise<never>;
  /** Call when something arrives. */
  extend(): void;
  stop(): void;
  /** How long the request has lasted. */
  seconds(): number;
}

/** A slow connection is not a stalled one: an answer that keeps arriving may take this many times the idle timeout. */
const TOTAL_FACTOR = 6;

export function startDeadline(idleTimeoutMs: number, clock: Clock): Deadline {
  const controller = new AbortController();
  const begun = performance.now();
  const abort = () => controller.abort();
  const total = setTimeout(abort, idleTimeoutMs * TOTAL_FACTOR);
  const idle = setTimeout(abort, idleTimeoutMs);
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error));
  });
  ended.catch(() => {}); // also where nobody waits for it
  clock.signal.addEventListener("abort", abort);
  if (clock.signal.aborted) abort();
  return {
    signal: controller.signal,
    ended,
    extend: () => void idle.refresh(),
    stop: () => {
      clearTimeout(total);
      clearTimeout(idle);
      clock.signal.removeEventListener("abort", abort);
    },
    seconds: () => Math.round((performance.now() - begun) / 100) / 10,
  };
}
