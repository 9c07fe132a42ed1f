/**
 * How fast, as ratios within one run: `npm run bench` (add `-- --json` for a machine). Every figure is the median of
 * whole processes, ours and the other's in turn, against a stand-in for the Hub on this machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startHub, type StandInHub } from "../hub/hub.ts";
import { realModel, serveRealModel } from "../hub/real-models.ts";
import type { Repository } from "../hub/repository.ts";
import { splitSafetensors } from "../hub/safetensors-file.ts";
import { writeGguf } from "../format/gguf/gguf-file.ts";

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
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "ignore"] });
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

/** DeepSeek-V3's shape: 163 shards with 92,000 tensors. */
function serveManyShards(): Repository {
  const tensors = Array.from({ length: 92_000 }, (_, index) => {
    const [layer, expert] = [Math.floor(index / 1536), Math.floor(index / 3) % 512];
    const name = `model.layers.${layer}.mlp.experts.${expert}.${["gate_proj", "up_proj", "down_proj"][index % 3]}.weight`;
    return [name, [2048, 7168], "BF16"] as const;
  });
  const config = { content: '{"model_type":"deepseek_v3","num_experts_per_tok":8}' };
  return {
    id: "acme/many-shards",
    files: { ...splitSafetensors(tensors, { shards: 163 }), "config.json": config },
  };
}

/** Twenty quantizations, each with the header of a large vocabulary. */
function serveManyGgufs(): Repository {
  const words = Array.from({ length: 262_144 }, (_, index) => `token ${index}`);
  const metadata = { "general.architecture": "llama", "tokenizer.ggml.tokens": words };
  const { header, bytes } = writeGguf({
    metadata,
    tensors: [{ name: "token_embd.weight", shape: [262_144, 2048], type: "F16" }],
  });
  const labels =
    "Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_0 Q4_1 Q4_K_S Q4_K_M Q5_0 Q5_1 Q5_K_S Q5_K_M Q6_K Q8_0 IQ2_M IQ3_M IQ4_XS IQ4_NL F16 BF16";
  return {
    id: "acme/many-ggufs",
    files: Object.fromEntries(
      labels.split(" ").map((label) => [`acme-${label}.gguf`, { head: header, size: bytes }]),
    ),
  };
}

interface Cost {
  readonly case: string;
  readonly ms: number;
  readonly hubRequests: number;
  readonly cdnRequests: number;
  readonly bytes: number;
}

/** What one measurement asks for, from the stand-in's log. */
async function measureCost(name: string, id: string): Promise<Cost> {
  hub.clearLog();
  const ms = Math.round(await time([BIN, id, "--json", "--endpoint", hub.endpoint]));
  const count = (origin: string) => hub.requests.filter((request) => request.origin === origin).length;
  return {
    case: name,
    ms,
    hubRequests: count("hub"),
    cdnRequests: count("cdn"),
    bytes: hub.requests.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
  };
}

function renderCosts(costs: readonly Cost[]): string {
  const rows = costs.map(
    ({ case: name, ms, hubRequests, cdnRequests, bytes }) =>
      `| ${name} | ${ms} | ${hubRequests} | ${cdnRequests} | ${(bytes / 1e6).toFixed(2)} |`,
  );
  return ["| case | ms | to the Hub | to the CDN | MB |", "|---|---:|---:|---:|---:|", ...rows].join("\n");
}

const hub = await startHub({
  repositories: [serveRealModel(realModel(SHARDED), { shards: 30 }), serveManyShards(), serveManyGgufs()],
  latencyMs: LATENCY_MS,
  quotas: { api: 1e9, resolvers: 1e9 },
});
const results: Result[] = [];
for (const one of listCases(hub)) results.push(await measureCase(one));
const costs = [
  await measureCost("30 shards", SHARDED),
  await measureCost("163 shards, 92,000 tensors", "acme/many-shards"),
  await measureCost("20 GGUF files", "acme/many-ggufs"),
];
await hub.close();
process.stdout.write(
  process.argv.includes("--json")
    ? `${JSON.stringify({ results, costs }, null, 2)}\n`
    : `${renderResults(results)}\n\n${renderCosts(costs)}\n`,
);
