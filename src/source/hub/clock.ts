/** How long one answer may take, and how long one model, waits and further tries included. */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** The time that one model has. */
export interface Clock {
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
  remainingMs(): number;
  /** Rejects when the time is up meanwhile. */
  sleep(ms: number): Promise<void>;
  stop(): void;
}

export function startClock(limitMs: number): Clock {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal); // every request under way listens
  const endsAt = performance.now() + limitMs;
  const timer = setTimeout(() => controller.abort(), limitMs);
  return {
    signal: controller.signal,
    limitMs,
    remainingMs: () => endsAt - performance.now(),
    sleep: (ms) => sleep(ms, undefined, { signal: controller.signal }),
    // What is still under way for a model that has ended is of no use to anybody.
    stop() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

/** Ends a request that has been silent for too long, or that has taken too long in all. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Something arrived. */
  extend(): void;
  stop(): void;
  /** How long the request has lasted. */
  seconds(): number;
}

/** A slow line is no stalled one: an answer that keeps coming may take this many times the deadline of a silent one. */
const SLOWEST_FACTOR = 6;

export function startDeadline(silentMs: number, clock: Clock): Deadline {
  const controller = new AbortController();
  const begun = performance.now();
  const abort = () => controller.abort();
  const overall = setTimeout(abort, silentMs * SLOWEST_FACTOR);
  const silence = setTimeout(abort, silentMs);
  clock.signal.addEventListener("abort", abort);
  if (clock.signal.aborted) abort();
  return {
    signal: controller.signal,
    extend: () => void silence.refresh(),
    stop: () => {
      clearTimeout(overall);
      clearTimeout(silence);
      clock.signal.removeEventListener("abort", abort);
    },
    seconds: () => Math.round((performance.now() - begun) / 100) / 10,
  };
}
