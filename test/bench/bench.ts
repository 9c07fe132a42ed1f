/**
 * How fast, as ratios within one run: `npm run bench` (add `-- --json` for a machine). Every figure is the median of
 * whole processes, ours and the other's in turn, against a stand-in for the Hub on this machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";

const BIN = fileURLToPath(new URL("../../bin/llm-size.js", import.meta.url));
const LATENCY_MS = 40;
const SHARDED = "meta-llama/Llama-3.1-70B-Instruct";

type Command = readonly string[];

interface Case {
  readonly name: string;
  readonly runs: number;
  readonly aim: number;
  readonly ours: Command;
  readonly theirs: Command;
  readonly against: string;
}

interface Result {
  readonly case: string;
  readonly against: string;
  readonly oursMs: number;
  readonly theirsMs: number;
  /** The median of the ratios of neighboring runs. */
  readonly ratio: number;
  readonly aim: number;
}

const BARE: Command = ["-e", "0"];

/** What a user of the library would write; `xet: false` spares it two more hosts. */
const peer = (hub: StandInHub): Command => [
  "--input-type=module",
  "-e",
  `import { parseSafetensorsMetadata } from "@huggingface/hub";
   const { parameterCount } = await parseSafetensorsMetadata({
     repo: "${SHARDED}", hubUrl: "${hub.endpoint}", computeParametersCount: true, xet: false,
   });
   if (parameterCount.BF16 !== 70553706496) throw new Error("miscounted");`,
];

function listCases(hub: StandInHub): Case[] {
  const endpoint = ["--endpoint", hub.endpoint];
  const table = ["gemma-2b", "gemma-7b", "mistral-7b", "distilbert", "--offline"];
  return [
    { name: "--version", runs: 15, aim: 1.6, ours: [BIN, "--version"], theirs: BARE, against: "node -e 0" },
    { name: "offline table", runs: 15, aim: 3, ours: [BIN, ...table], theirs: BARE, against: "node -e 0" },
    {
      name: `30 shards at ${LATENCY_MS} ms`,
      runs: 7,
      aim: 0.5,
      ours: [BIN, SHARDED, "--json", ...endpoint],
      theirs: peer(hub),
      against: "parseSafetensorsMetadata",
    },
  ];
}

async function measureCase({ name, runs, aim, ours, theirs, against }: Case): Promise<Result> {
  await time(ours);
  await time(theirs);
  const pairs: { ours: number; theirs: number }[] = [];
  for (let run = 0; run < runs; run++) pairs.push({ ours: await time(ours), theirs: await time(theirs) });
  return {
    case: name,
    against,
    oursMs: Math.round(median(pairs.map((pair) => pair.ours))),
    theirsMs: Math.round(median(pairs.map((pair) => pair.theirs))),
    ratio: Math.round(100 * median(pairs.map((pair) => pair.ours / pair.theirs))) / 100,
    aim,
  };
}

/** Milliseconds of one whole process; a process that fails fails the benchmark. */
async function time(words: Command): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  const [exitCode] = (await once(child, "close")) as [number];
  if (exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${exitCode}`);
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function renderResults(results: readonly Result[]): string {
  const rows = results.map(
    ({ case: name, against, oursMs, theirsMs, ratio, aim }) =>
      `| ${name} | ${against} | ${oursMs} | ${theirsMs} | ${ratio.toFixed(2)} | ${aim.toFixed(2)} |`,
  );
  return [
    "| case | against | ours, ms | theirs, ms | ratio | aim |",
    "|---|---|---:|---:|---:|---:|",
    ...rows,
  ].join("\n");
}

const hub = await startHub({
  repositories: [serveRealModel(realModel(SHARDED), { shards: 30 })],
  latencyMs: LATENCY_MS,
  quotas: { api: 1e9, resolvers: 1e9 },
});
const results: Result[] = [];
for (const one of listCases(hub)) results.push(await measureCase(one));
await hub.close();
process.stdout.write(
  `${process.argv.includes("--json") ? JSON.stringify(results, null, 2) : renderResults(results)}\n`,
);
