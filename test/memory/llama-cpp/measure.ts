/**
 * Measures what llama.cpp reserves for small models of many architectures, and writes it to fixtures/llama-cpp:
 *
 *   npm install node-llama-cpp   (anywhere)
 *   npx tsx test/memory/llama-cpp/measure.ts <folder>/node_modules/node-llama-cpp
 *
 * The files have metadata and holes for weights; which tensors they need is found from llama.cpp's own error messages.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BLOCK_TYPES } from "../../../src/format/gguf/block-types.ts";
import { writeGgufFile, type Metadata } from "./gguf-file.ts";
import { HELD_OUT, HELD_OUT_TENSORS } from "./held-out-models.ts";
import { MODELS, OPTIONAL_TENSORS, RUNS, type Model, type Run } from "./models.ts";

interface Handle {
  init(): Promise<boolean>;
  dispose(): Promise<void>;
}
interface Context extends Handle {
  getMemoryBreakdown(): { cpuRam: number };
}
interface Bindings {
  AddonModel: new (file: string, options: object) => Handle;
  AddonContext: new (model: Handle, options: object) => Context;
}
interface Package {
  getLlama(options: object): Promise<{ _bindings: Bindings; dispose(): Promise<void> }>;
}

const ALL: Readonly<Record<string, Model>> = { ...MODELS, ...HELD_OUT };
const TENSORS = { ...OPTIONAL_TENSORS, ...HELD_OUT_TENSORS };

const log: string[] = [];
const [, , folder = "node_modules/node-llama-cpp"] = process.argv;
const { getLlama } = (await import(pathToFileURL(resolve(folder, "dist/index.js")).href)) as Package;
const { version } = JSON.parse(readFileSync(resolve(folder, "package.json"), "utf8")) as { version: string };
const logger = (_level: string, message: string) => log.push(`${message}\n`);
const quiet = { gpu: false, build: "never", progressLogs: false, logLevel: "debug", logger };
const llama = await getLlama(quiet);
const { _bindings: bindings } = llama;

/** The log arrives after the result. */
const takeLog = async (): Promise<string> => {
  await new Promise((done) => setTimeout(done, 5));
  return log.splice(0).join("");
};

/** Load a model, adding each tensor that llama.cpp misses, in the shape it expects. */
async function loadModel(file: string, metadata: Metadata, optional: readonly string[]): Promise<Handle> {
  const tensors = new Map<string, readonly number[]>(optional.map((name) => [name, [1]]));
  const shapes = new Map<string, readonly number[]>();
  for (;;) {
    writeGgufFile(file, metadata, tensors);
    const model = new bindings.AddonModel(file, { gpuLayers: 0, noAlloc: true, useMmap: false });
    if (await model.init().catch(() => false)) return model;
    const text = await takeLog();
    const [, name, expected] = /tensor '([^']+)' has wrong shape; expected ([\d, ]+), got/.exec(text) ?? [];
    const [, missing] = /tensor '([^']+)' not found/.exec(text) ?? [];
    const leaf = (name ?? missing ?? "").replace(/blk\.\d+/, "");
    if (name !== undefined && expected !== undefined) {
      const shape = expected.split(",").map(Number);
      while (shape.length > 1 && shape.at(-1) === 1) shape.pop();
      shapes.set(leaf, shape);
      tensors.set(name, shape);
    } else if (missing !== undefined) tensors.set(missing, shapes.get(leaf) ?? [1]);
    else throw new Error(`${file}: ${text.slice(-800)}`);
  }
}

async function measure(model: Handle, run: Run) {
  log.length = 0;
  const type = BLOCK_TYPES[run.kvType].id;
  const context = new bindings.AddonContext(model, {
    contextSize: run.context,
    batchSize: run.ubatch,
    sequences: run.sequences,
    flashAttention: run.flashAttention,
    kvCacheKeyType: type,
    kvCacheValueType: run.flashAttention ? type : BLOCK_TYPES.F16.id,
  });
  const isLoaded = await context.init().catch(() => false);
  const text = await takeLog();
  // Phi-2: "block size 32 does not divide n_embd_head_k=80"; DeepSeek V3: "model does not support different K (q8_0) and V (f16) cache types".
  if (!isLoaded && /does not (?:support|divide)/.test(text)) return null;
  if (!isLoaded) throw new Error(text.slice(-800));
  const { cpuRam } = context.getMemoryBreakdown();
  await context.dispose();
  // What it keeps, in MiB with two digits; the rest of the exact sum is the compute buffer.
  const kept = [...text.matchAll(/llama_(?:kv_cache|memory_recurrent): size = +([\d.]+) MiB/g)];
  return { ...run, keptMiB: kept.map(([, mebibytes]) => Number(mebibytes)), keptAndComputeBytes: cpuRam };
}

async function measureModel(name: string, { architecture, vocabulary, ...words }: Model): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "llama-cpp-"));
  const metadata: Metadata = {
    "general.architecture": architecture,
    "tokenizer.ggml.model": "no_vocab",
    [`${architecture}.vocab_size`]: vocabulary,
    ...Object.fromEntries(Object.entries(words).map(([key, value]) => [`${architecture}.${key}`, value])),
  };
  const model = await loadModel(join(home, "model.gguf"), metadata, TENSORS[name] ?? []);
  const lines: string[] = [];
  for (const run of RUNS) {
    const buffers = await measure(model, run);
    if (buffers) lines.push(`${JSON.stringify({ model: name, ...buffers })}\n`);
  }
  rmSync(home, { recursive: true });
  return lines.join("");
}

const [, self = "", , only] = process.argv;
if (only !== undefined) {
  const model = ALL[only];
  if (model) process.stdout.write(await measureModel(only, model));
} else {
  // Each in a process of its own: llama.cpp ends it where a model is not consistent.
  const results = Object.keys(ALL).map((name) => {
    const { stdout, status, stderr } = spawnSync(
      process.execPath,
      [...process.execArgv, self, folder, name],
      { encoding: "utf8" },
    );
    process.stdout.write(`${name}: ${status === 0 ? "measured" : stderr.slice(-1000)}\n`);
    return status === 0 ? stdout : "";
  });
  const engine = { engine: `llama.cpp of node-llama-cpp ${version}, on a CPU` };
  writeFileSync("fixtures/llama-cpp/buffers.jsonl", `${JSON.stringify(engine)}\n${results.join("")}`);
}
await llama.dispose();
