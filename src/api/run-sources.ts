/** Give the engines that run a model what they need: its tensors, and where its weights are. */
import { isUnknown } from "../contract/unknown.ts";
import { listFiles } from "../format/packages/package-choice.ts";
import type { StoredWeights } from "../memory/memory-plan.ts";
import type { TrainedModel } from "../memory/training/plan.ts";
import { predict, type Quantization } from "../quant/quantization.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { Size } from "../quant/sizes.ts";
import type { OllamaName } from "../source/ollama/name.ts";
import type { LoadedModel } from "./load.ts";

type RunSources = Pick<StoredWeights, "listTensors" | "servedBytes" | "place">;

/** Build what llama.cpp, Ollama or vLLM are given for a model in one quantization; nothing for other ecosystems. */
export function buildRunSources(
  model: LoadedModel,
  quantization: Quantization,
  { logical, size }: { logical: LogicalModel | null; size: Size },
): RunSources {
  if (quantization.ecosystem.name === "gguf") return buildGguf(model, quantization, { logical, size });
  return quantization.name === "fp16" ? buildServed(model) : {};
}

/** Build the files as published for an engine; null where none is known to load them. */
export function buildPublishedWeights(model: LoadedModel, bytes: number | null): StoredWeights | null {
  const { checkpoint, parts } = model;
  const unsized = { bytes, fetchBytes: null, largestBytes: null };
  if (checkpoint?.format === "gguf")
    return {
      ...unsized,
      quantization: `gguf:${checkpoint.label}`,
      listTensors: () => parts.flatMap(({ tensors }) => tensors),
    };
  const served = buildServed(model);
  return served.servedBytes ? { ...unsized, ...served, quantization: "fp16" } : null;
}

/** Build what training needs to know of a model, or say why it cannot be trained. */
export function buildTrained({
  adapter,
  checkpoint,
  classified,
  config,
}: LoadedModel): TrainedModel | string {
  if (adapter) return "it is an adapter; name its base model";
  if (!classified || !config) return "the shapes of its weights are not known";
  if (checkpoint && checkpoint.format !== "safetensors" && checkpoint.format !== "pytorch")
    return `${checkpoint.format} files are not trained`;
  return { config, weights: classified.weights };
}

function buildGguf(
  { repository, checkpoint, parts, reference }: LoadedModel,
  quantization: Quantization,
  { logical, size }: { logical: LogicalModel | null; size: Size },
): RunSources {
  const label = quantization.scheme.name;
  const isMeasured = checkpoint?.format === "gguf" && checkpoint.label === label;
  const listTensors = () => {
    if (isMeasured) return parts.flatMap(({ tensors }) => tensors);
    const prediction = logical ? predict(quantization, logical) : null;
    return prediction && !isUnknown(prediction) ? (prediction.listTensors?.() ?? []) : [];
  };
  const file = [
    ...(isMeasured ? listFiles(checkpoint) : []),
    ...(checkpoint?.alternatives ?? []).flatMap((unit) =>
      unit.format === "gguf" && unit.label === label ? [...unit.files] : [],
    ),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1))[0];
  if (size.basis !== "published" || !file)
    return { listTensors, place: { path: `${repository.id.split("/").at(-1) ?? "model"}-${label}.gguf` } };
  if (reference.kind === "ollama")
    return { listTensors, place: { ollama: formatOllamaName(reference.name) } };
  if (repository.source !== "local")
    return { listTensors, place: { hub: repository.id, revision: null, label } };
  const { text } = reference;
  return {
    listTensors,
    place: { path: text.endsWith(".gguf") ? text : `${text.replace(/\/$/, "")}/${file.path}` },
  };
}

/** @example formatOllamaName({ namespace: "library", model: "llama3.2", tag: "1b" }) //=> "llama3.2:1b" */
function formatOllamaName({ namespace, model, tag }: OllamaName): string {
  return `${namespace === "library" ? "" : `${namespace}/`}${model}:${tag}`;
}

/** Roles whose weights vLLM keeps whole on each GPU. */
const WHOLE: ReadonlySet<string> = new Set(["norm", "router", "vision", "audio", "other"]);
/** The dtypes of a checkpoint where nothing is packed. */
const FLOATS: ReadonlySet<string> = new Set(["BF16", "F16", "F32"]);

function buildServed({ repository, checkpoint, classified, counts, reference }: LoadedModel): RunSources {
  const isPlain = Object.keys(counts.byDtype).every((dtype) => FLOATS.has(dtype));
  const isSafetensors = checkpoint === null || checkpoint.format === "safetensors";
  if (!classified || !isPlain || !isSafetensors) return {};
  let split = 0;
  let whole = 0;
  for (const { role, parameters } of classified.weights) {
    if (WHOLE.has(role)) whole += 2 * parameters;
    else if (role !== "mtp") split += 2 * parameters;
  }
  const { id, revision, source } = repository;
  if (reference.kind === "ollama") return { servedBytes: { split, whole } };
  const isPinned = reference.kind !== "path" && reference.revision !== null;
  return {
    servedBytes: { split, whole },
    place:
      source === "local"
        ? { path: reference.text }
        : { hub: id, revision: isPinned ? revision : null, label: null },
  };
}
