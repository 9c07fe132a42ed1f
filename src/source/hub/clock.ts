/** Time limits: of one answer, and of one model with all its waits and retries. */
import { LlmSizeError } from "../../errors.ts";

/** The time limit of one model. */
export interface Clock {
  /** True once the time is up, or the work has stopped. */
  isOver(): boolean;
  /** Call `work` when the time is up, once; returns how to call it off. */
  whenOver(work: () => void): () => void;
  readonly limitMs: number;
  remainingMs(): number;
  /** Throws MODEL_TIMED_OUT when the time is up, also where a computation has kept the signal from being set. */
  check(model: string): void;
  /** Rejects when the time is up first. */
  sleep(ms: number): Promise<void>;
  stop(): void;
}

export function startClock(limitMs: number, signal?: AbortSignal): Clock {
  const waiting = new Set<() => void>();
  const endsAt = performance.now() + limitMs;
  let isOver = false;
  const end = () => {
    isOver = true;
    for (const work of waiting) work();
    waiting.clear();
  };
  const whenOver: Clock["whenOver"] = (work) => {
    if (isOver) work();
    else waiting.add(work);
    return () => void waiting.delete(work);
  };
  const timer = setTimeout(end, limitMs);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  return {
    isOver: () => isOver,
    whenOver,
    limitMs,
    remainingMs: () => endsAt - performance.now(),
    check(model) {
      if (performance.now() > endsAt) throw timedOut(model, limitMs);
    },
    sleep: (ms) =>
      new Promise((resolve, reject) => {
        const wake = setTimeout(() => {
          callOff();
          resolve();
        }, ms);
        const callOff = whenOver(() => {
          clearTimeout(wake);
          reject(new Error("the time is up"));
        });
      }),
    // Requests that are still under way for a finished model are no longer needed.
    stop() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      end();
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
  let idle: ReturnType<typeof setTimeout>;
  const extend = () => {
    clearTimeout(idle);
    // A machine that was too busy to read what has arrived does so before the second one.
    idle = setTimeout(() => void (idle = setTimeout(abort)), idleTimeoutMs);
  };
  extend();
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error));
  });
  ended.catch(() => {}); // also where nobody waits for it
  const callOff = clock.whenOver(abort);
  return {
    signal: controller.signal,
    ended,
    extend,
    stop: () => {
      clearTimeout(total);
      clearTimeout(idle);
      callOff();
    },
    seconds: () => Math.round((performance.now() - begun) / 100) / 10,
  };
}
