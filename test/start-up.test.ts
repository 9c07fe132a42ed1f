/** What a run loads: nothing heavy where nothing heavy is done. */
import { once } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BIN, runBuilt } from "./built.ts";
import { startHub, type StandInHub } from "./hub/hub.ts";
import { realModel, serveRealModel } from "./hub/real-models.ts";

/** Heavy packages, and a name that only their code has in a bundle. */
const MARKS = {
  "@huggingface/hub": "hubUrl",
  zod: "ZodError",
  yaml: "Document contains trailing content",
  commander: "CommanderError",
  "cli-table3": "wordWrap",
  "our own counting": "its files hold no weights",
} as const;
type Package = keyof typeof MARKS;

const MODEL = "google/gemma-2b-it";
const cache = mkdtempSync(join(tmpdir(), "llm-size-cache-"));
let hub: StandInHub;
beforeAll(async () => {
  hub = await startHub({ repositories: [serveRealModel(realModel(MODEL))] });
  await runBuilt([MODEL], { HF_ENDPOINT: hub.endpoint, LLM_SIZE_CACHE: cache });
});
afterAll(() => hub.close());

/** The program in a thread, which loads all anew as a process does and starts sooner. It tells what it loads. */
const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
const { Session } = require("node:inspector");
const urls = [];
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
session.post("Debugger.enable");
process.on("exit", () => parentPort.postMessage(urls));
import(workerData);
`;

const outputs = new Map<string, string>();

/** Which of them a run loads, by V8's own account of the scripts it met. What it prints is kept. */
async function listLoaded(words: string): Promise<Package[]> {
  const thread = new Worker(THREAD, {
    eval: true,
    workerData: pathToFileURL(BIN).href,
    argv: words.split(" "),
    env: { HF_ENDPOINT: hub.endpoint, HF_HOME: cache, LLM_SIZE_CACHE: cache },
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  const [[exitCode], [met], stdout] = await Promise.all([
    once(thread, "exit") as Promise<[number]>,
    once(thread, "message") as Promise<[string[]]>,
    text(thread.stdout),
  ]);
  expect(exitCode).toBe(0);
  outputs.set(words, stdout);
  const urls = met.filter((url) => url.includes("/dist/bundle/"));
  expect(urls.length).toBeGreaterThan(0);
  const texts = urls.map((url) => readFileSync(fileURLToPath(url), "utf8"));
  return (Object.keys(MARKS) as Package[]).filter((name) => texts.some((code) => code.includes(MARKS[name])));
}

test.each<[string, string, Package[]]>([
  ["the version", "--version", []],
  ["the help", "--help", ["commander"]],
  ["a model of the catalog", "gemma-2b --offline", ["commander", "cli-table3"]],
  ["a model of the cache, asked for anew", `${MODEL} --json`, ["commander"]],
  ["a model of the cache, offline", `${MODEL} --json --offline`, ["commander"]],
  ["a model of the cache, in a table", MODEL, ["commander", "cli-table3"]],
  [
    "a model of the cache, in sizes not asked for before",
    `${MODEL} --json --quant int8`,
    ["commander", "our own counting"],
  ],
  ["a model that is read", `${MODEL} --json --no-cache`, ["commander", "our own counting"]],
])("%s", async (_, words, packages) => {
  expect(await listLoaded(words)).toEqual(packages);
});

test("a result that is kept is what is measured", () => {
  const read = (words: string) =>
    JSON.parse((outputs.get(words) ?? "").replace(/"source": "\w+"/, '"source": ""')) as unknown;
  expect(read(`${MODEL} --json`)).toEqual(read(`${MODEL} --json --no-cache`));
});
