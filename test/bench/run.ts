/** Times processes and counts what they ask for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { StandInHub } from "../hub/hub.ts";
import type { Case, Contender } from "./contenders.ts";

export interface Cost {
  readonly hubRequests: number;
  readonly cdnRequests: number;
  readonly bytes: number;
}

export interface Result {
  readonly case: string;
  readonly against: string;
  readonly oursMs: number;
  readonly theirsMs: number;
  /** The median of the ratios of neighboring runs. */
  readonly ratio: number;
  readonly aim: number;
  readonly ours: Cost;
  readonly theirs: Cost;
}

export interface ProcessRun {
  readonly ms: number;
  /** The most memory it had. */
  readonly peakBytes: number;
}

/** Says at the end how much memory it was. The kernel's own peak begins with that of the process that started it. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(`
  let peak = 0;
  const look = () => { peak = Math.max(peak, process.memoryUsage.rss()); };
  setInterval(look, 10).unref();
  process.on("exit", () => { look(); process.stderr.write("\\n" + peak); });
`)}`;

/** One whole process; one that fails, fails the benchmark. */
export async function runProcess({ name, words, env, exitCodes = [0] }: Contender): Promise<ProcessRun> {
  const begun = performance.now();
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  const [exitCode] = (await once(child, "close")) as [number];
  const ms = performance.now() - begun;
  if (!exitCodes.includes(exitCode)) throw new Error(`${name} ended with ${exitCode}: ${said}`);
  return { ms, peakBytes: Number(said.split("\n").at(-1)) };
}

export function runTellingPeak(contender: Contender): Promise<ProcessRun> {
  return runProcess({
    ...contender,
    words: ["--import", TELL_PEAK, ...contender.words],
    env: contender.env ?? {},
  });
}

/** Ours and theirs in turn, so that a machine that slows down slows both. */
export async function runCase(
  { name, runs, aim, before, ours, theirs }: Case,
  hub: StandInHub,
): Promise<Result> {
  if (before) await runProcess(before);
  const costs = [await runCounting(ours, hub), await runCounting(theirs, hub)] as const;
  const pairs: { ours: number; theirs: number }[] = [];
  for (let run = 0; run < runs; run++)
    pairs.push({ ours: (await runProcess(ours)).ms, theirs: (await runProcess(theirs)).ms });
  return {
    case: name,
    against: theirs.name,
    oursMs: Math.round(median(pairs.map((pair) => pair.ours))),
    theirsMs: Math.round(median(pairs.map((pair) => pair.theirs))),
    ratio: Math.round(100 * median(pairs.map((pair) => pair.ours / pair.theirs))) / 100,
    aim,
    ours: costs[0],
    theirs: costs[1],
  };
}

/** What one run asks for, from the stand-in's log. */
export async function runCounting(contender: Contender, hub: StandInHub): Promise<Cost & ProcessRun> {
  hub.clearLog();
  const run = await runProcess(contender);
  const count = (origin: string) => hub.requests.filter((request) => request.origin === origin).length;
  return {
    ...run,
    hubRequests: count("hub"),
    cdnRequests: count("cdn"),
    bytes: hub.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
