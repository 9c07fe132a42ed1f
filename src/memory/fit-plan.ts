/** Plan a model on devices: which quantizations fit, what to take, how to run it, and how long it takes to download. */
import { NO_LIMIT_TOKENS } from "../contract/terms.ts";
import type { MemoryReport } from "../contract/types.ts";
import type { Device } from "./device.ts";
import { estimateDownloadSeconds, type NetworkSpeed } from "./download-time.ts";
import { judgeFit } from "./fits.ts";
import { computeMaxContext } from "./kv-cache.ts";
import type { PlannedKvCache } from "./kv-plan.ts";
import { planOnMachine, type Conditions } from "./machine-plan.ts";
import type { MemoryOptions } from "./memory-options.ts";
import { buildMemoryReport } from "./memory-plan.ts";
import { planWeights, type DraftModel, type MemoryInput, type PlannedWeights } from "./planned-weights.ts";
import { buildChoice, recommend } from "./recommend.ts";
import { reportTraining } from "./training/report.ts";
import type { TrainingSetup } from "./training/setup.ts";

export interface FitRequest extends MemoryOptions {
  readonly devices: readonly Device[];
  readonly connections: readonly NetworkSpeed[];
  /** A model that drafts tokens for each of the others: its memory is added. */
  readonly draft?: DraftModel | null;
  /** Plan training in place of running. */
  readonly training?: TrainingSetup | null;
}

/** Plan memory and download on devices and connections. What is not known is null. */
export function planFit(input: MemoryInput, request: FitRequest): MemoryReport {
  const { devices, connections, draft = null, training = null, ...options } = request;
  const rows = training ? [] : planWeights(input, options, draft);
  const report = buildMemoryReport(input, options, rows);
  const { modelContext } = report;
  const decisions = rows.flatMap((row) =>
    devices.map((device) => ({ row, ...decide(row, device, { options, modelContext }) })),
  );
  const fits = decisions.map(({ fit }) => fit);
  const downloads = rows.flatMap(({ stored: { quantization, bytes, fetchBytes } }) =>
    connections.map(({ id, bitsPerSecond }) => ({
      connection: id,
      quantization,
      weightsSeconds: bytes === null ? null : estimateDownloadSeconds(bytes, bitsPerSecond),
      fetchSeconds: fetchBytes === null ? null : estimateDownloadSeconds(fetchBytes, bitsPerSecond),
    })),
  );
  const first = devices.find(({ bounds }) => bounds === "memory");
  return {
    ...report,
    draft: draft?.id ?? null,
    weights: report.weights.map((weights) => {
      const isOwn = (one: { quantization: string }) => one.quantization === weights.quantization;
      return {
        ...weights,
        maxContext: fits.find((fit) => isOwn(fit) && fit.device === first?.id)?.maxContext ?? null,
        downloadSeconds: downloads.find(isOwn)?.weightsSeconds ?? null,
      };
    }),
    devices: [...devices],
    fits,
    recommendations: (training ? [] : devices).map((device) =>
      recommend(
        device,
        decisions.flatMap(({ fit, choice }) => (fit.device === device.id ? (choice ?? []) : [])),
        fits,
      ),
    ),
    placements: decisions.flatMap(({ placement }) => placement ?? []),
    training:
      training &&
      reportTraining(input.trained ?? "the shapes of its weights are not known", {
        ...options,
        setup: training,
        devices,
      }),
    connections: [...connections],
    downloads,
  };
}

/** Decide whether one quantization fits on one device. */
function decide(row: PlannedWeights, device: Device, { options, modelContext }: Conditions) {
  const { stored, kvCache, countOverhead, countDraft } = row;
  const { quantization, bitsPerWeight = null } = stored;
  const needs = { memory: row.totalBytes, buffer: stored.largestBytes, download: stored.bytes };
  if (device.machine)
    return planOnMachine(row, { ...device, machine: device.machine }, { options, modelContext });
  const maxContext =
    needs.download === null || device.bounds !== "memory"
      ? null
      : findMaxContext(kvCache, modelContext, {
          startTokens: options.context,
          memoryBytes: device.limitBytes - needs.download,
          countOtherBytes: (tokens) => countOverhead(tokens) + (countDraft(tokens) ?? Infinity),
        });
  const fit = { quantization, ...judgeFit(needs, device), maxContext };
  return { fit, choice: buildChoice({ quantization, bitsPerWeight }, needs, device), placement: null };
}

/** Find the most tokens that fit; null where the KV cache is not known, or there is none and no context length is stated. */
function findMaxContext(
  { layers, request }: PlannedKvCache,
  modelContext: number | null,
  search: { startTokens: number; memoryBytes: number; countOtherBytes: (tokens: number) => number },
): number | null {
  if (!layers || (layers.length === 0 && modelContext === null)) return null;
  const { memoryBytes, ...others } = search;
  return computeMaxContext(layers, memoryBytes, modelContext ?? NO_LIMIT_TOKENS, { ...request, ...others });
}
