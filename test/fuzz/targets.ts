/** What is fuzzed: parsers of untrusted bytes and texts, and the whole way from a repository to what is printed. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explainModel } from "../../src/api/explain.ts";
import { measureReport } from "../../src/api/documents.ts";
import type { MeasureOptions } from "../../src/api/measure-options.ts";
import { buildReduceRequest, reduceModel } from "../../src/api/reduce.ts";
import { parseBudgetConfig } from "../../src/budget/config.ts";
import { parseLock } from "../../src/budget/lock.ts";
import { parseQuantity, type QuantityKind } from "../../src/contract/quantities.ts";
import { findUnsafeNumber } from "../../src/contract/safe-numbers.ts";
import { LlmSizeError } from "../../src/errors.ts";
import { findBudgetConfig } from "../../src/files/config-file.ts";
import { buildConfig, parseConfig } from "../../src/format/config.ts";
import { readGgufHeader } from "../../src/format/gguf/header.ts";
import { MalformedError } from "../../src/format/malformed.ts";
import { parseMlcTensors } from "../../src/format/mlc.ts";
import { readOnnxGraph } from "../../src/format/onnx/read-graph.ts";
import { readOpenvinoTensors } from "../../src/format/openvino.ts";
import type { ReadRange } from "../../src/format/read-range.ts";
import { readSafetensorsHeader } from "../../src/format/safetensors.ts";
import { parseSafetensorsIndex } from "../../src/format/safetensors-index.ts";
import type { Tensor } from "../../src/format/tensor.ts";
import { readTorchTensors } from "../../src/format/torch/checkpoint.ts";
import { parseDistributedMetadata } from "../../src/format/torch/distributed.ts";
import { inferKvCacheLayers } from "../../src/memory/kv-cache-layers.ts";
import { parseAdapter } from "../../src/model/adapter.ts";
import { listSchemesFor, parseQuantization } from "../../src/quant/registry.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { parseSteps } from "../../src/reduce/steps.ts";
import { DEVICES } from "../../src/memory/devices.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { CACHE_VERSION, parseContents, parseEntry, parseResult } from "../../src/source/cache/entry.ts";
import { parseReference, type Reference } from "../../src/source/reference.ts";
import { checkExplanation, checkReduction, checkReport } from "./invariants.ts";
import { connectModel } from "./model-hub.ts";
import { mutateText, mutateJson, type Mutation } from "./mutations.ts";
import {
  listSeedFiles,
  mutateFile,
  readSeedModels,
  toSource,
  type SeedFile,
  type SeedModel,
} from "./seeds.ts";

export interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  /** Run on a mutated seed; throws where something is wrong. Returns the bytes that were read. */
  run(seed: number, mutations: readonly Mutation[]): Promise<number>;
}

/** Errors of parsers that say that the input is wrong. All others are bugs. */
async function tolerate(parse: () => unknown): Promise<void> {
  try {
    const result: unknown = await parse();
    const unsafe = findUnsafeNumber(result instanceof Map ? [...result] : result);
    if (unsafe !== null) throw new Error(`${unsafe} is not exact`);
  } catch (error) {
    const isExpected =
      error instanceof MalformedError || error instanceof LlmSizeError || error instanceof SyntaxError;
    if (!isExpected) throw error;
  }
}

type ReadFile = (file: { readonly bytes: number }, readRange: ReadRange) => unknown;

function fileTarget(name: string, seeds: readonly SeedFile[], read: ReadFile): Target {
  return {
    name,
    seeds: seeds.map((seed) => seed.name),
    async run(index, mutations) {
      const seed = seeds[index];
      if (!seed) return 0;
      const source = toSource(mutations.reduce(mutateFile, seed));
      let bytesRead = 0;
      await tolerate(() =>
        read({ bytes: source.size }, async (begin, end) => {
          bytesRead += end - begin;
          return source.slice(begin, end);
        }),
      );
      return bytesRead;
    },
  };
}

function textTarget(name: string, seeds: readonly string[], parse: (text: string) => unknown): Target {
  return {
    name,
    seeds: seeds.map((seed) => seed.slice(0, 60)),
    async run(index, mutations) {
      const text = mutations.reduce(mutateText, seeds[index] ?? "");
      await tolerate(() => parse(text));
      return text.length;
    },
  };
}

/** Ways to ask about a model; each checks its answer. */
const WAYS: readonly ((reference: Reference, options: MeasureOptions) => Promise<void>)[] = [
  async (reference, options) => checkReport(await measureReport([reference], options)),
  async (reference, options) =>
    checkReport(await measureReport([reference], { ...options, quantizations: listSchemesFor("gguf") })),
  async (reference, options) => {
    const memory = { ...DEFAULT_MEMORY_OPTIONS, devices: DEVICES, connections: [] };
    const quantizations = listSchemesFor("mlx");
    await checkReport(await measureReport([reference], { ...options, quantizations, memory }));
  },
  async (reference, options) => checkExplanation(await explainModel(reference, options)),
  async (reference, options) => {
    const request = buildReduceRequest({ quantizations: LEVEL_QUANTIZATIONS });
    await checkReduction(await reduceModel(reference, request, options));
  },
];

/** A whole model: its listing, info and files, measured, explained, reduced and printed. */
function modelTarget(models: readonly SeedModel[]): Target {
  return {
    name: "model",
    seeds: models.map(({ name }) => name),
    async run(index, mutations) {
      const model = models[index];
      if (!model) return 0;
      const files = [...model.files];
      let listing: unknown = files.map((file) => ({ path: file.name, size: toSource(file).size }));
      let info: unknown = { safetensors: { parameters: { F32: 1000 }, total: 1000 }, gated: false };
      for (const [kind, at, choice] of mutations) {
        const place = Math.floor(at / 8) % files.length;
        const file = files[place];
        const inner: Mutation = [kind, Math.floor(at / 8 / files.length), choice];
        if (at % 8 === 0) listing = mutateJson(listing, inner);
        else if (at % 8 === 1) info = mutateJson(info, inner);
        else if (file) files[place] = mutateFile(file, inner);
      }
      const listed = Array.isArray(listing) ? listing : [listing];
      const entries = listed.map((entry: unknown, place) => {
        const { path, size } = (entry ?? {}) as Record<string, unknown>;
        return { path, size, source: toSource(files[place] ?? { name: "", chunks: [] }) };
      });
      const { sources, reference, countBytes } = await connectModel(entries, Object(info) as object);
      const parsed = parseReference(reference, sources.hub.settings.endpoint);
      const way = WAYS[(mutations.at(-1)?.[2] ?? 0) % WAYS.length];
      await way?.(parsed, {
        sources,
        quantizations: LEVEL_QUANTIZATIONS,
        onBug(error) {
          throw error;
        },
      });
      return countBytes();
    },
  };
}

function parseConfigs(text: string): unknown {
  const config = parseConfig(text);
  const value: unknown = config.root;
  return [inferKvCacheLayers(config), parseAdapter(value), inferKvCacheLayers(buildConfig(config.text))];
}

const QUANTITIES: readonly QuantityKind[] = [
  "bytes",
  "parameters",
  "class",
  "seconds",
  "percent",
  "bitsPerSecond",
  "tokens",
];

export function buildTargets(): Target[] {
  const models = readSeedModels();
  const pick = (names: RegExp, folder?: string) => listSeedFiles(models, names, folder);
  const textsOf = (names: RegExp) =>
    pick(names).map(({ chunks }) =>
      chunks.map((chunk) => (typeof chunk === "number" ? "" : chunk.toString())).join(""),
    );
  const folder = mkdtempSync(join(tmpdir(), "llm-size-fuzz-"));
  const readConfigFile = (ending: string) => async (text: string) => {
    writeFileSync(join(folder, `config.${ending}`), text);
    const found = await findBudgetConfig(`config.${ending}`, folder);
    return found && parseBudgetConfig(found.value, found.file).budgets.length;
  };
  return [
    fileTarget("safetensors", pick(/\.safetensors$/), readSafetensorsHeader),
    fileTarget("gguf", pick(/\.gguf$/), readGgufHeader),
    fileTarget("torch", pick(/\.(?:bin|pt|pth|ckpt)$/, "torch"), readTorchTensors),
    fileTarget("onnx", pick(/\.onnx$/), readOnnxGraph),
    fileTarget("openvino", pick(/\.xml$/), (file, readRange) => readOpenvinoTensors(file, readRange, 1e9)),
    fileTarget("pickle", pick(/\.(?:bin|pt|ckpt)$/, "torch"), async (file, readRange) =>
      parseDistributedMetadata(await readRange(0, Math.min(file.bytes, 1_000_000))),
    ),
    textTarget("config.json", textsOf(/(?:^|\/)config\.json$/), parseConfigs),
    textTarget(
      "manifests",
      textsOf(/(?:index|cache|config|modules|genai_config)\.json$/),
      (text): readonly Tensor[] => {
        parseSafetensorsIndex(text);
        return parseMlcTensors(JSON.parse(text), 4);
      },
    ),
    textTarget("cache entry", [CACHE_ENTRY], (text) => [
      parseEntry(text),
      parseContents(text),
      parseResult(text),
    ]),
    textTarget("lock file", [LOCK], parseLock),
    textTarget("budgets", [BUDGETS], readConfigFile("json")),
    textTarget("budgets in YAML", [YAML], readConfigFile("yaml")),
    textTarget("words", WORDS, async (text) => {
      await tolerate(() => parseReference(text, "https://huggingface.co"));
      await tolerate(() => parseSteps(text, parseQuantization).length);
      for (const kind of QUANTITIES) await tolerate(() => parseQuantity(text, kind));
    }),
    modelTarget(models),
  ];
}

const BUDGETS = JSON.stringify({
  defaults: { maxSize: "8GB", bandwidth: "50Mbps", maxDownloadTime: "2min" },
  budgets: [
    { model: "google/*", quantization: "int4", context: "8k", maxMemory: "our-kiosk", why: "phones" },
  ],
  devices: [{ id: "our-kiosk", memory: "4GB", source: "its label", date: "2026-11" }],
});
const YAML = `defaults: &all
  quantization: int4 # a comment
  maxSize: 1.5GB
budgets:
  - { model: "google/gemma-2b", maxParams: 3B }
  - model: 'mistral*'
    <<: *all
    why: |
      two
      lines
`;
const LOCK = JSON.stringify({
  lockVersion: 1,
  models: [
    {
      reference: "gemma-2b",
      id: "google/gemma-2b",
      revision: null,
      parameters: 2_506_172_416,
      publishedBytes: 5_012_363_872,
      files: { "model.safetensors": 5_012_363_872 },
      sizes: { int4: 1_409_830_912 },
    },
  ],
});
const CACHE_ENTRY = JSON.stringify({
  version: CACHE_VERSION,
  endpoint: "https://huggingface.co",
  id: "acme/model",
  commit: "a".repeat(40),
  summary: { total: 10, byDtype: { F32: 10 } },
  baseModel: null,
  files: [["model.safetensors", 200]],
  texts: [["config.json", "{}"]],
  headers: [["model.safetensors", null, [["a.weight", [2, 5], "F32", 40]]]],
  build: "0123456789abcdef",
  settings: "[]",
  result: {},
});
const WORDS = [
  "gemma-2b",
  "Qwen/Qwen3-8B@refs/pr/1",
  "bartowski/x-GGUF:Q4_K_M",
  "https://huggingface.co/org/name/blob/main/a/model.safetensors?x#y",
  "hf://org/name",
  "./folder",
  "1.4GiB",
  "8x7B",
  "50Mbps",
  "2min",
  "128k",
  "0.5%",
  "prune:2:4,lora:16:all-linear,quant:gguf:Q4_K_M",
];
