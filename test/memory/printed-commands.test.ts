/** The printed command lines, read back: what each device holds under their numbers alone fits on it. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { buildMachine } from "../../src/budget/find-machine.ts";
import { buildConfig } from "../../src/format/config.ts";
import { planFit } from "../../src/memory/fit-plan.ts";
import { sumKvCacheBytes } from "../../src/memory/kv-cache.ts";
import { planKvCache } from "../../src/memory/kv-plan.ts";
import { countBytes, splitByMemory } from "../../src/memory/llama-cpp/place.ts";
import { planOverhead } from "../../src/memory/memory.ts";
import type { KvDtype } from "../../src/contract/terms.ts";

const LAYERS = 12;
const HEADS = 16;

/** A mixture of experts as wide as Qwen/Qwen3-30B-A3B, whose first layer is dense. */
const config = buildConfig({
  model_type: "qwen3_moe",
  architectures: ["Qwen3MoeForCausalLM"],
  num_hidden_layers: LAYERS,
  hidden_size: 2048,
  num_attention_heads: HEADS,
  num_key_value_heads: 4,
  head_dim: 128,
  intermediate_size: 6144,
  moe_intermediate_size: 768,
  num_experts: 128,
  num_experts_per_tok: 8,
  vocab_size: 32_000,
  max_position_embeddings: 131_072,
});

interface Run {
  readonly layerBytes: number;
  readonly expertBytes: number;
  readonly gpus: readonly number[];
  readonly ram: number | null;
  readonly context: number;
  readonly batch: number;
  readonly kvDtype: KvDtype;
}

const OUTPUT_BYTES = 60e6;
const hasExperts = (layer: number) => layer > 0;

function listTensors({ layerBytes, expertBytes }: Run) {
  return [
    { name: "token_embd.weight", bytes: OUTPUT_BYTES },
    { name: "output.weight", bytes: OUTPUT_BYTES },
    ...Array.from({ length: LAYERS }, (_, layer) => [
      { name: `blk.${layer}.attn_q.weight`, bytes: layerBytes },
      ...(hasExperts(layer) ? [{ name: `blk.${layer}.ffn_up_exps.weight`, bytes: expertBytes }] : []),
    ]).flat(),
  ];
}

function planRun(run: Run, engine: "llama.cpp" | "vllm", share = 0.9) {
  const { gpus, ram, context, batch, kvDtype } = run;
  const written = { gpus: gpus.map((size) => `${size}MB`).join(), ram: ram === null ? null : `${ram}MB` };
  const bytes = listTensors(run).reduce((sum, tensor) => sum + tensor.bytes, 0);
  const stored = { bytes, fetchBytes: null, largestBytes: null, bitsPerWeight: 4.8 };
  const weights =
    engine === "vllm"
      ? {
          ...stored,
          quantization: "fp16",
          servedBytes: { split: bytes, whole: 1e6 },
          place: { hub: "a/b", revision: null, label: null },
        }
      : {
          ...stored,
          quantization: "gguf:Q4_K_M",
          listTensors: () => listTensors(run),
          place: { path: "a.gguf" },
        };
  const device = buildMachine(written, [], { gpuMemoryUtilization: share });
  const options = { context, batch, kvDtype, layout: "optimized" as const };
  return planFit(
    { config, reason: null, weights: [weights] },
    { ...options, devices: [device], connections: [] },
  );
}

/** The value after a flag; null without. */
function read(command: string, flag: string): string | null {
  return new RegExp(` ${flag} (?:'([^']*)'|(\\S+))`).exec(command)?.slice(1).find(Boolean) ?? null;
}

/** Sum what each GPU and the RAM hold under the words of a command, as llama.cpp places it. */
function weigh(command: string, { gpus, ...run }: Run) {
  const batch = Number(read(command, "--parallel"));
  const tokens = Number(read(command, "--ctx-size")) / batch;
  const kvDtype = (read(command, "--cache-type-k") ?? "fp16") as KvDtype;
  const gpuLayers = Number(read(command, "--n-gpu-layers"));
  const options = { context: tokens, batch, kvDtype, layout: "optimized" as const };
  const { layers, request } = planKvCache({ config, reason: null, isGguf: true }, options);
  const computing = (withLogits: boolean) =>
    planOverhead({ ...options, config, layers, withLogits })(0, tokens);
  const listed = /blk\\\.\(([\d|]+)\)/.exec(read(command, "-ot") ?? "")?.[1]?.split("|");
  const firstMoved = command.includes(" --cpu-moe") ? LAYERS : Number(read(command, "--n-cpu-moe") ?? 0);
  const isMoved = (layer: number) =>
    hasExperts(layer) && (listed ? listed.includes(String(layer)) : layer < firstMoved);
  const onHost = LAYERS + 1 - gpuLayers;
  const split =
    read(command, "--tensor-split")?.split(",").map(Number) ??
    splitByMemory(
      gpuLayers,
      gpus.map((size) => size * 1e6),
    );
  const gpuOf = split.flatMap((count, gpu) => Array.from({ length: count }, () => gpu));
  const loads = gpus.map(() => 0);
  let host = OUTPUT_BYTES;
  let largestOnHost = 0;
  for (let layer = 0; layer <= LAYERS; layer++) {
    const gpu = gpuOf[layer - onHost];
    const isOutput = layer === LAYERS;
    const own = isOutput ? OUTPUT_BYTES : run.layerBytes;
    const experts = hasExperts(layer) && !isOutput ? run.expertBytes : 0;
    const kept = layers?.[layer];
    const cache = isOutput || !kept ? 0 : sumKvCacheBytes([kept], { ...request, tokens });
    const moved = gpu === undefined || isMoved(layer) ? experts : 0;
    if (gpu === undefined) host += own + cache;
    else loads[gpu] = (loads[gpu] ?? 0) + own + cache + experts - moved;
    host += moved;
    if (!isOutput && (gpu === undefined || moved > 0)) largestOnHost = Math.max(largestOnHost, own, experts);
  }
  const last = gpuOf.at(-1);
  for (const gpu of new Set(gpuOf))
    loads[gpu] = (loads[gpu] ?? 0) + computing(gpu === last) + (gpu === 0 ? largestOnHost : 0);
  if (gpuLayers === 0) host += computing(true);
  else if (onHost > 0 || largestOnHost > 0) host += computing(false);
  return { loads, host };
}

const megabytes = (min: number, max: number) => fc.integer({ min, max });

const runs = fc.record<Run>({
  layerBytes: megabytes(5, 80).map((size) => size * 1e6),
  expertBytes: megabytes(20, 900).map((size) => size * 1e6),
  gpus: fc.array(megabytes(700, 6000), { minLength: 1, maxLength: 3 }),
  ram: fc.option(megabytes(1000, 16_000)),
  context: fc.integer({ min: 1, max: 131_072 }),
  batch: fc.constantFrom(1, 1, 4),
  kvDtype: fc.constantFrom<KvDtype>("fp16", "q8_0"),
});
/** Of the longest context. */
const shares = fc.double({ min: 0, max: 1, noNaN: true });

const ONE: Run = {
  layerBytes: 40e6,
  expertBytes: 200e6,
  gpus: [2000],
  ram: 8000,
  context: 4096,
  batch: 1,
  kvDtype: "fp16",
};
/** Each needs words of its own. */
const EXAMPLES: readonly (readonly [Run, string])[] = [
  [{ ...ONE, gpus: [4000] }, "--n-gpu-layers 13"],
  [ONE, "--n-cpu-moe"],
  [{ ...ONE, gpus: [900], kvDtype: "q8_0" }, "--cpu-moe"],
  [{ ...ONE, gpus: [1500, 1500] }, "-ot"],
  [{ ...ONE, gpus: [600, 2700], ram: null }, "--tensor-split"],
];

test("llama-server's numbers fit each device, at the context asked for, the longest, and any shorter one", () => {
  const check = (run: Run) => {
    const { placements, fits } = planRun(run, "llama.cpp");
    const [placement] = placements;
    const [command] = placement?.commands ?? [];
    if (!placement || command === undefined) return null;
    const { loads, host } = weigh(command, run);
    for (const [gpu, bytes] of loads.entries()) expect(bytes).toBeLessThanOrEqual((run.gpus[gpu] ?? 0) * 1e6);
    if (run.ram !== null) expect(host).toBeLessThanOrEqual(run.ram * 1e6);
    expect(loads).toEqual(placement.gpus.map(countBytes));
    return { command, longest: fits[0]?.maxContext ?? 0 };
  };
  for (const [run, words] of EXAMPLES) expect(check(run)?.command).toContain(words);
  fc.assert(
    fc.property(runs, shares, (run, share) => {
      const { longest } = check(run) ?? {};
      if (longest === undefined) return;
      expect(check({ ...run, context: longest })).not.toBeNull();
      check({ ...run, context: Math.max(1, Math.floor(share * longest)) });
    }),
    { numRuns: 12 },
  );
});

test("vLLM's numbers leave room for their sequences on each GPU, and for no longer ones than it says", () => {
  fc.assert(
    fc.property(runs, fc.integer({ min: 50, max: 100 }), shares, (run, percent, share) => {
      const gpus = run.gpus.map((size) => 4000 + size);
      const asked: Run = { ...run, gpus, ram: null, kvDtype: "fp16" };
      const { fits } = planRun(asked, "vllm", percent / 100);
      const [fit] = fits;
      if (fit?.outcome !== "fits") return;
      const longest = fit.maxContext ?? 0;
      for (const context of [run.context, longest, Math.max(1, Math.floor(share * longest))]) {
        const [command = ""] =
          planRun({ ...asked, context }, "vllm", percent / 100).placements[0]?.commands ?? [];
        const count = Number(read(command, "--tensor-parallel-size") ?? 1);
        expect(HEADS % count).toBe(0);
        const own = {
          ...asked,
          gpus: gpus.toSorted((a, b) => b - a).slice(0, count),
          context: Number(read(command, "--max-model-len")),
          batch: Number(read(command, "--max-num-seqs") ?? 1),
        };
        const utilization = Number(read(command, "--gpu-memory-utilization"));
        const again = planRun(own, "vllm", utilization);
        expect(again.placements[0]).toMatchObject({ outcome: "fits", commands: [command] });
        for (const load of again.placements[0]?.gpus ?? [])
          expect(countBytes(load)).toBeLessThanOrEqual(utilization * Math.min(...own.gpus) * 1e6);
      }
      if (longest < 131_072)
        expect(planRun({ ...asked, context: longest + 1 }, "vllm", percent / 100).fits[0]?.outcome).toBe(
          "exceeds",
        );
    }),
    { numRuns: 25 },
  );
});
