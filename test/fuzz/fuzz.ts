/** Run one target for a while and say how it went. */
import fc from "fast-check";
import type { Target } from "./targets.ts";

export interface FuzzResult {
  readonly name: string;
  readonly executions: number;
  /** CPU time of the slowest run. */
  readonly worstMs: number;
  /** By how much the process grew above its size at the start. */
  readonly worstBytes: number;
}

/** A run may take this much, and as much again for each megabyte that it reads. */
const MS_PER_MEGABYTE = 1000;

/** Fuzz a target. Throws with the smallest failing input and how to run it again. */
export async function fuzz(
  target: Target,
  { milliseconds, seed }: { readonly milliseconds: number; readonly seed: number },
): Promise<FuzzResult> {
  const begunBytes = process.memoryUsage.rss();
  const worst = { executions: 0, worstMs: 0, worstBytes: 0 };
  const mutation = fc.tuple(fc.nat(), fc.nat(), fc.nat());
  const property = fc.asyncProperty(
    fc.nat(target.seeds.length - 1),
    fc.array(mutation, { minLength: 0, maxLength: 5 }),
    async (index, mutations) => {
      const begun = process.cpuUsage();
      const bytes = await target.run(index, mutations);
      const { user, system } = process.cpuUsage(begun);
      const ms = (user + system) / 1000;
      worst.executions++;
      worst.worstMs = Math.max(worst.worstMs, ms);
      worst.worstBytes = Math.max(worst.worstBytes, process.memoryUsage.rss() - begunBytes);
      if (ms > MS_PER_MEGABYTE * (1 + bytes / 1e6))
        throw new Error(`${bytes} bytes took ${Math.round(ms)} ms`);
    },
  );
  await fc.assert(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false,
  });
  return { name: target.name, ...worst };
}
