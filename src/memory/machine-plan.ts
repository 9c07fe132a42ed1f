/** One quantization on one machine: placed as its engine would, and how to run it so. */
import { NO_LIMIT_TOKENS, type Engine, type FitOutcome } from "../contract/terms.ts";
import type { MemoryReport } from "../contract/types.ts";
import { keysOf, readDimension } from "../format/dimensions.ts";
import { readCount } from "../format/config.ts";
import { createConfigReader } from "./config-reader.ts";
import { buildGgufCommands, buildVllmCommand, type CommandRequest } from "./commands.ts";
import type { Device } from "./device.ts";
import { findMostTokens, sumKvCacheBytes } from "./kv-cache.ts";
import { readVocabulary } from "./memory.ts";
import { countBytes, placeLayers, type Load, type Placement } from "./llama-cpp/place.ts";
import { groupByLayer, type WeightLayers } from "./llama-cpp/weight-layers.ts";
import type { MemoryOptions } from "./memory-options.ts";
import { isGguf, type PlannedWeights } from "./planned-weights.ts";
import type { Choice } from "./recommend.ts";
import { planTensorParallel } from "./vllm.ts";

type MachineDevice = Device & { readonly machine: NonNullable<Device["machine"]> };
type Fit = MemoryReport["fits"][number];
type PlacementReport = MemoryReport["placements"][number];

export interface Conditions {
  readonly options: MemoryOptions;
  readonly modelContext: number | null;
}

interface Decision {
  readonly fit: Fit;
  /** Null where no engine loads it. */
  readonly choice: Choice | null;
  readonly placement: PlacementReport | null;
}

/** The answer of one engine. */
interface Placed {
  readonly engine: Engine;
  readonly outcome: FitOutcome;
  readonly needsBytes: number;
  readonly missingBytes: number;
  readonly maxContext: number | null;
  readonly placement: Pick<
    PlacementReport,
    "gpus" | "ram" | "gpuLayers" | "expertLayersInRam" | "maxSequences"
  >;
  readonly commands: readonly string[];
}

/** Place one quantization; unknown where no engine loads it, or what it keeps is not known. */
export function planOnMachine(row: PlannedWeights, device: MachineDevice, conditions: Conditions): Decision {
  const { quantization, bitsPerWeight = null, servedBytes = null } = row.stored;
  const names = { device: device.id, quantization };
  const isLoaded = isGguf(row.stored) || servedBytes !== null;
  const placed = isGguf(row.stored)
    ? placeInLlamaCpp(row, device, conditions)
    : placeInVllm(row, device, conditions);
  if (!placed)
    return {
      fit: { ...names, outcome: "unknown", limitName: device.limitName, maxContext: null },
      choice: isLoaded ? { quantization, bitsPerWeight, needsBytes: null, missingBytes: 0 } : null,
      placement: null,
    };
  const { engine, outcome, needsBytes, missingBytes, maxContext, placement } = placed;
  const commands = outcome === "exceeds" ? [] : [...placed.commands];
  // vLLM leaves nothing in RAM: what it misses there is no choice.
  const isChoice = engine === "llama.cpp" || outcome !== "exceeds" || device.machine.ramBytes === null;
  return {
    fit: { ...names, outcome, limitName: device.limitName, maxContext },
    choice: isChoice ? { quantization, bitsPerWeight, needsBytes, missingBytes } : null,
    placement: { ...names, engine, outcome, missingBytes, ...placement, commands },
  };
}

function placeInLlamaCpp(row: PlannedWeights, device: MachineDevice, conditions: Conditions): Placed | null {
  const { stored, kvCache } = row;
  const { options, modelContext } = conditions;
  const { gpus, ramBytes } = device.machine;
  const weights = stored.bytes === null ? null : groupByLayer(stored.listTensors?.() ?? [], stored.bytes);
  if (!weights || !kvCache.layers || row.draftBytes === null || options.kvDtype === "fp8") return null;
  const placeAt = (tokens: number, limit: "limitBytes" | "recommendedBytes") =>
    placeLayers({
      weights,
      kvCacheBytes: spreadKvCache(row, weights, tokens),
      overhead: { layerBytes: row.countLayerOverhead(tokens), outputBytes: row.countOverhead(tokens) },
      draftBytes: row.countDraft(tokens) ?? 0,
      gpuBytes: gpus.map((gpu) => gpu[limit]),
      ramBytes,
    });
  const careful = placeAt(options.context, "recommendedBytes");
  const placement = careful.missingBytes === 0 ? careful : placeAt(options.context, "limitBytes");
  const outcome = careful.missingBytes === 0 ? "fits" : placement.missingBytes === 0 ? "tight" : "exceeds";
  return {
    engine: "llama.cpp",
    outcome,
    ...sumLoads(placement, ramBytes !== null),
    missingBytes: placement.missingBytes,
    maxContext: findMostTokens(
      modelContext ?? NO_LIMIT_TOKENS,
      (tokens) => placeAt(tokens, "limitBytes").missingBytes === 0,
      options.context,
    ),
    placement: {
      gpus: [...placement.gpus],
      ram: placement.ram,
      gpuLayers: placement.gpuLayers,
      expertLayersInRam: [...placement.expertLayers],
      maxSequences: null,
    },
    commands: buildCommands(row, options, (request) => buildGgufCommands(request, placement)),
  };
}

function sumLoads({ gpus, ram }: Placement, withRam: boolean): { needsBytes: number } {
  const loads = withRam ? [...gpus, ram] : gpus;
  return { needsBytes: loads.reduce((sum, load) => sum + countBytes(load), 0) };
}

function buildCommands(
  { stored, draft }: PlannedWeights,
  options: MemoryOptions,
  build: (request: CommandRequest) => string[],
): string[] {
  const drafting = draft?.stored.place ?? null;
  if (!stored.place || (draft && (drafting === null || "ollama" in drafting))) return [];
  return build({
    ...options,
    place: stored.place,
    draft: drafting && "ollama" in drafting ? null : drafting,
  });
}

/** Spread what a model keeps over its layers: a layer of two kinds is two entries, and layers that draft keep nothing. */
function spreadKvCache({ kvCache }: PlannedWeights, { layers }: WeightLayers, tokens: number): number[] {
  const kept = kvCache.layers ?? [];
  const perLayer = Math.max(1, kept.length / layers.length);
  const bytes = layers.map(() => 0);
  for (const [index, layer] of kept.entries()) {
    const own = Math.min(layers.length - 1, Math.floor(index / perLayer));
    bytes[own] = (bytes[own] ?? 0) + sumKvCacheBytes([layer], { ...kvCache.request, tokens });
  }
  return bytes;
}

function placeInVllm(row: PlannedWeights, device: MachineDevice, conditions: Conditions): Placed | null {
  const { stored, kvCache, config } = row;
  const { options, modelContext } = conditions;
  const { context, batch, kvDtype } = options;
  const { gpus, gpuMemoryUtilization } = device.machine;
  const { servedBytes = null } = stored;
  // With what its type leaves out: google/gemma-3-4b-it.
  const text = config ? createConfigReader(config).text : {};
  const heads = readCount(text, ...keysOf("decoderHeads", "heads"));
  const hidden = readDimension(text, "hiddenSize");
  const vocabulary = config && readVocabulary(config);
  const isServed = kvDtype === "bf16" || kvDtype === "fp16" || kvDtype === "fp8";
  if (!servedBytes || !kvCache.layers || !heads || !hidden || !vocabulary || !isServed) return null;
  if (gpus.length === 0 || row.draftBytes === null) return null;
  const plan = planTensorParallel({
    splitBytes: servedBytes.split,
    wholeBytes: servedBytes.whole,
    heads,
    kvHeads: readDimension(text, "kvHeads") ?? heads,
    hidden,
    feedForward: readDimension(text, "intermediateSize") ?? 4 * hidden,
    vocabulary,
    layers: kvCache.layers,
    kvCache: { kvDtype, layout: options.layout },
    draftBytes: row.draftBytes,
    gpuBytes: gpus.map(({ limitBytes }) => limitBytes),
    gpuMemoryUtilization,
  });
  const sequenceBytes = plan.countSequenceBytes(context);
  const missing = batch * sequenceBytes - plan.cacheBytes;
  const load: Load & { layers: number } = {
    layers: 0,
    weightsBytes: plan.weightsBytes,
    kvCacheBytes: batch * sequenceBytes,
    overheadBytes: plan.overheadBytes,
  };
  return {
    engine: "vllm",
    outcome: missing <= 0 ? "fits" : "exceeds",
    needsBytes: plan.gpus * countBytes(load),
    missingBytes: plan.gpus * Math.max(0, missing),
    maxContext: findMostTokens(
      modelContext ?? NO_LIMIT_TOKENS,
      (tokens) => batch * plan.countSequenceBytes(tokens) <= plan.cacheBytes,
      context,
    ),
    placement: {
      gpus: Array.from({ length: plan.gpus }, () => ({ ...load, layers: null })),
      ram: { layers: null, weightsBytes: 0, kvCacheBytes: 0, overheadBytes: 0 },
      gpuLayers: null,
      expertLayersInRam: [],
      maxSequences: sequenceBytes === 0 ? null : Math.max(0, Math.floor(plan.cacheBytes / sequenceBytes)),
    },
    commands: buildCommands(row, options, (request) => [
      buildVllmCommand(request, { gpus: plan.gpus, gpuMemoryUtilization }),
    ]),
  };
}
