/** Whatever is done with a model takes steps in proportion to its tensors: V8 counts how often each runs. */
import { Session, type Profiler } from "node:inspector/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainModel } from "../../src/api/explain.ts";
import { measureReport } from "../../src/api/documents.ts";
import { buildReduceRequest, reduceModel } from "../../src/api/reduce.ts";
import { DEVICES } from "../../src/memory/devices.ts";
import { DEFAULT_MEMORY_OPTIONS } from "../../src/memory/memory-options.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { renderExplanation } from "../../src/render/explanation.ts";
import { renderFit } from "../../src/render/fit.ts";
import { renderNotes } from "../../src/render/messages.ts";
import { FORMATS, PLAIN, type RenderOptions } from "../../src/render/options.ts";
import { renderReduction } from "../../src/render/reduction.ts";
import { renderReport } from "../../src/render/report.ts";
import { parseReference } from "../../src/source/reference.ts";
import { connectModel } from "../fuzz/model-hub.ts";
import { bytesOf, sparseBytes } from "../hub/bytes.ts";
import { buildSafetensors, type TensorSpec } from "../hub/safetensors-file.ts";

/** Names that rules look for; where one rule compares all of one kind with all of another, it shows. */
const KINDS: Readonly<Record<string, (index: number) => TensorSpec>> = {
  "layers of unlike modules": (index) => [
    `model.layers.${index >> 2}.self_attn.p${index}.weight`,
    [8, 8],
    "BF16",
  ],
  "stacks of one layer": (index) => [`a${index}.layers.0.self_attn.q_proj.weight`, [8, 8], "BF16"],
  "embeddings and heads": (index) => [
    `a${index}.${["embed_tokens", "lm_head"][index % 2]}.weight`,
    [64, 8],
    "F32",
  ],
  experts: (index) => [`model.layers.${index % 9}.mlp.experts.${index}.up_proj.weight`, [8, 8], "BF16"],
  adapters: (index) => [
    `base_model.model.model.layers.${index >> 1}.q_proj.lora_${"AB"[index % 2]}.weight`,
    [8, 8],
    "F32",
  ],
  packed: (index) => [
    `model.layers.${index >> 2}.q_proj.${["qweight", "qzeros", "scales", "g_idx"][index % 4]}`,
    [8, 8],
    "I32",
  ],
  "shapes of their own": (index) => [`model.layers.${index}.q_proj.weight`, [8, index + 1], "BF16"],
};

const CONFIG = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  num_hidden_layers: 4,
  hidden_size: 8,
  num_attention_heads: 1,
  vocab_size: 64,
  num_local_experts: 8,
  num_experts_per_tok: 2,
  tie_word_embeddings: true,
};

const RENDER: RenderOptions & { readonly all: boolean } = {
  all: true,
  width: 80,
  paint: PLAIN,
  units: "si",
  isTerminal: false,
};

/** Measure, explain, fit and reduce a model, and print it in every way. */
async function useModel(rows: readonly TensorSpec[]): Promise<void> {
  const weights = buildSafetensors(rows);
  const files = Object.entries({
    "config.json": bytesOf(JSON.stringify(CONFIG)),
    "model.safetensors": sparseBytes(weights.head, weights.size),
  }).map(([path, source]) => ({ path, size: source.size, source }));
  const { sources, reference: id } = await connectModel(files);
  const reference = parseReference(id, sources.hub.settings.endpoint);
  const options = { sources, quantizations: LEVEL_QUANTIZATIONS };
  const memory = { ...DEFAULT_MEMORY_OPTIONS, devices: DEVICES, connections: [] };
  const report = await measureReport([reference], { ...options, memory });
  for (const format of FORMATS) await renderReport(report, format, RENDER);
  await renderFit(report, "text", RENDER);
  renderNotes(report.models, PLAIN);
  await renderExplanation(await explainModel(reference, options), "text", RENDER);
  const request = buildReduceRequest({ quantizations: LEVEL_QUANTIZATIONS });
  await renderReduction(await reduceModel(reference, request, options), "text", RENDER);
}

const session = new Session();
beforeAll(async () => {
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
});
afterAll(() => session.disconnect());

/** Count the steps of each function of `src`: how often its block that runs most runs. */
async function countSteps(size: number, build: (index: number) => TensorSpec): Promise<Map<string, number>> {
  await session.post("Profiler.takePreciseCoverage"); // begins at zero
  await useModel(Array.from({ length: size }, (_, index) => build(index)));
  const { result } = await session.post("Profiler.takePreciseCoverage");
  const ours = result.filter(({ url }) => /[/\\]src[/\\]/.test(url) && !url.includes("node_modules"));
  return new Map(ours.flatMap(listFunctions));
}

function listFunctions({ url, functions }: Profiler.ScriptCoverage): [name: string, steps: number][] {
  const file = url.replace(/^.*[/\\]src[/\\]/, "");
  return functions.map(({ functionName, ranges }) => [
    `${functionName} in ${file}:${ranges[0]?.startOffset}`,
    Math.max(...ranges.map(({ count }) => count)),
  ]);
}

/** List the functions that take more than n log n steps. */
async function findSteep(build: (index: number) => TensorSpec): Promise<string[]> {
  const small = await countSteps(40, build);
  const large = await countSteps(320, build);
  expect(Math.max(...large.values())).toBeGreaterThan(320);
  // Eight times as many tensors: n log n takes about 12 times the steps, n² 64 times.
  return [...large].flatMap(([name, steps]) =>
    steps > 5_000 && steps > 16 * (small.get(name) || Infinity) ? [name] : [],
  );
}

test.each(Object.entries(KINDS))("%s", async (_, build) => {
  const steep = await findSteep(build);
  // What an earlier test of this process left running is counted, too, but not twice.
  const again = steep.length > 0 ? await findSteep(build) : [];
  expect(steep.filter((name) => again.includes(name))).toEqual([]);
});
