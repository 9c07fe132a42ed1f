/** Run one target for a while and say how it went. */
import fc from "fast-check";
import type { Target } from "./targets.ts";

export interface FuzzResult {
  readonly name: string;
  readonly executions: number;
  /** CPU time of the slowest run. */
  readonly worstMs: number;
  /** CPU time per megabyte that was read, of the slowest; less than a megabyte counts as one. */
  readonly worstMsPerMegabyte: number;
  /** By how much the process grew at most, garbage included. */
  readonly worstBytes: number;
}

/** So many runs, or as many as the time allows. */
interface FuzzOptions {
  readonly runs?: number;
  readonly milliseconds?: number;
  readonly seed: number;
}

/** What a run may take. */
const MS_PER_MEGABYTE = 1000;
const countMegabytes = (bytes: number) => Math.max(1, bytes / 1e6);
const allow = (bytes: number) => MS_PER_MEGABYTE * countMegabytes(bytes);

/** The CPU time of a run, and the bytes that it read. */
async function measure(run: () => Promise<number>): Promise<{ ms: number; bytes: number }> {
  const begun = process.cpuUsage();
  const bytes = await run();
  const { user, system } = process.cpuUsage(begun);
  return { ms: (user + system) / 1000, bytes };
}

/** Fuzz a target. Throws with the smallest failing input and how to run it again. */
export async function fuzz(target: Target, { runs, milliseconds, seed }: FuzzOptions): Promise<FuzzResult> {
  await target.run(0, []); // loads what is loaded when it is needed
  const begunBytes = process.memoryUsage.rss();
  const worst = { executions: 0, worstMs: 0, worstMsPerMegabyte: 0, worstBytes: 0 };
  const mutation = fc.tuple(fc.nat(), fc.nat(), fc.nat());
  const property = fc.asyncProperty(
    fc.nat(target.seeds.length - 1),
    fc.array(mutation, { minLength: 0, maxLength: 5 }),
    async (index, mutations) => {
      const run = () => measure(() => target.run(index, mutations));
      let { ms, bytes } = await run();
      // What else the process does, such as collecting garbage, is not slow again.
      for (let tries = 0; tries < 2 && ms > allow(bytes); tries++) ms = Math.min(ms, (await run()).ms);
      worst.executions++;
      worst.worstMs = Math.max(worst.worstMs, ms);
      worst.worstMsPerMegabyte = Math.max(worst.worstMsPerMegabyte, ms / countMegabytes(bytes));
      worst.worstBytes = Math.max(worst.worstBytes, process.memoryUsage.rss() - begunBytes);
      if (ms > allow(bytes)) throw new Error(`${bytes} bytes took ${Math.round(ms)} ms`);
    },
  );
  await fc.assert(property, {
    seed,
    numRuns: runs ?? Number.MAX_SAFE_INTEGER,
    ...(milliseconds !== undefined && { interruptAfterTimeLimit: milliseconds }),
    markInterruptAsFailure: false,
  });
  return { name: target.name, ...worst };
}
