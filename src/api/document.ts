/** A loaded model → its JSON document, and what its memory is planned from. */
import type { ModelReport, Published } from "../contract/types.ts";
import { listAlternatives, listPublishedSizes } from "../format/packages/alternatives.ts";
import { PROJECTOR, type AccountedFile } from "../format/packages/account.ts";
import { listFiles } from "../format/packages/package-choice.ts";
import { listCompanions } from "../format/companions.ts";
import type { MemoryInput, StoredWeights } from "../memory/memory-plan.ts";
import type { Adapter } from "../model/adapter.ts";
import { classifySize } from "../model/size-class.ts";
import type { Quantization } from "../quant/quantization.ts";
import { computeBitsPerWeight, computeSize, estimateSize } from "../quant/sizes.ts";
import { buildFile, sumBytes } from "../source/repository.ts";
import type { LoadedModel } from "./load.ts";
import { buildPublishedWeights, buildRunSources, buildTrained } from "./run-sources.ts";

/** A model with all that was read of it, in the sizes that were computed. */
export interface MeasuredModel extends LoadedModel {
  /** The weights in each size. */
  readonly stored: readonly StoredWeights[];
  /** Throws MODEL_TIMED_OUT once the time of the model is over: for what is computed of it next. */
  readonly checkTime: () => void;
  readonly document: ModelReport;
}

/** Compute the sizes of a model and build its document. Its memory is not planned. */
export function sizeModel(
  loaded: LoadedModel,
  quantizations: readonly Quantization[],
  checkTime: MeasuredModel["checkTime"],
): MeasuredModel {
  const { reference, repository, source, evidence, config, adapter, counts, logical, notes } = loaded;
  const { id, revision, files, repositoryBytes } = repository;
  const { total } = counts;
  const findPublished = listPublished(loaded);
  const companions = repositoryBytes === null ? null : listCompanions(files);
  const publishedProjector = findProjectorBytes(loaded);
  const sized = quantizations.map((quantization) => {
    checkTime();
    const { largestArrayBytes, ...weighed } =
      logical && total !== null
        ? computeSize(quantization, logical, {
            parameters: total,
            publishedBytes: findPublished(quantization),
          })
        : estimateSize(quantization, total, findPublished(quantization));
    const isGguf = quantization.ecosystem.name === "gguf";
    const projectorBytes = (isGguf ? publishedProjector : null) ?? weighed.projectorBytes;
    const size = { ...weighed, projectorBytes };
    const companionBytes = countCompanionBytes(quantization, companions, projectorBytes);
    const bytes = size.bytes === null ? null : size.bytes + (projectorBytes ?? 0);
    return {
      size: { ...size, companionBytes: quantization.ecosystem.name === "level" ? null : companionBytes },
      weights: {
        quantization: quantization.name,
        bytes,
        fetchBytes: size.bytes === null || companionBytes === null ? null : size.bytes + companionBytes,
        largestBytes: largestArrayBytes,
        bitsPerWeight: size.bitsPerWeight,
        ...buildRunSources(loaded, quantization, { logical, size: { ...size, largestArrayBytes } }),
      },
    };
  });
  const document: ModelReport = {
    reference: reference.text,
    id,
    revision,
    source,
    evidence,
    architecture: config?.architecture ?? null,
    modelType: config?.modelType ?? null,
    adapter: adapter && buildAdapter(adapter),
    parameters: counts,
    sizeClass: total ? classifySize(id, total) : null,
    published: buildPublished(loaded),
    sizes: sized.map(({ size }) => size),
    companions,
    memory: null,
    notes: [...notes],
  };
  return { ...loaded, stored: sized.map(({ weights }) => weights), checkTime, document };
}

/** Find the projector that the repository publishes: in F16, as most publishers name it, or else the smallest. */
function findProjectorBytes({ checkpoint }: LoadedModel): number | null {
  const files = (checkpoint?.account ?? []).filter(({ why }) => why === PROJECTOR);
  const half = files.find(({ path }) => /(?<!b)f16/i.test(path));
  const [smallest] = files.toSorted((a, b) => a.bytes - b.bytes);
  return (half ?? smallest)?.bytes ?? null;
}

function buildAdapter({ type, rank, targets, base }: Adapter): ModelReport["adapter"] {
  return { type, rank, targets: [...targets], base, shareOfBase: null };
}

/** Find files of the repository that are the very ones a scheme would write. */
function listPublished({ checkpoint, config }: LoadedModel): (quantization: Quantization) => number | null {
  let byName: Map<string, number> | null = null; // no level needs it
  return ({ name, ecosystem }) => {
    if (ecosystem.name === "level" || !checkpoint) return null;
    byName ??= listPublishedSizes(checkpoint, config);
    return byName.get(name) ?? null;
  };
}

/** Build the download. The catalog knows tensors but not always files, which are larger by a header (about 0.01 %). */
function buildPublished(model: LoadedModel): Published | null {
  const { repository, evidence, checkpoint, config, parts, counts } = model;
  if (!checkpoint && evidence !== "headers") return null;
  const { isPulledWhole = false } = repository;
  const used = checkpoint ? listFiles(checkpoint) : [];
  const isFetched = (file: AccountedFile) =>
    file.is === "checkpoint" || (isPulledWhole && file.why !== PROJECTOR);
  const files = (checkpoint && isPulledWhole ? checkpoint.account.filter(isFetched) : used).map(buildFile);
  const bytes = sumBytes(checkpoint ? files : parts.flatMap(({ tensors }) => tensors));
  return {
    format: checkpoint?.format ?? "safetensors",
    bytes,
    basis: checkpoint ? "published" : "computed",
    bitsPerWeight: computeBitsPerWeight(isPulledWhole ? sumBytes(used) : bytes, counts.total),
    files,
    projectorBytes: checkpoint?.format === "gguf" ? findProjectorBytes(model) : null,
    repositoryBytes: repository.repositoryBytes,
    alternatives: checkpoint ? listAlternatives(checkpoint, config) : [],
    otherFiles: (checkpoint?.account ?? []).flatMap((file) =>
      isFetched(file) || file.is === "alternative" ? [] : [{ ...buildFile(file), is: file.is }],
    ),
    doubt: checkpoint?.doubt ?? null,
  };
}

/** Build what memory and download are planned from. */
export function buildMemoryInput(model: MeasuredModel): MemoryInput {
  const { config, stored, document } = model;
  const published = buildPublishedWeights(model, document.published?.bytes ?? null);
  return { config, reason: findObstacle(model), weights: stored, published, trained: buildTrained(model) };
}

function findObstacle({ adapter, notes }: LoadedModel): string | null {
  if (adapter) return "it is an adapter, and its base model comes on top";
  return notes.some(({ code }) => code === "CONFIG_MALFORMED") ? "config.json cannot be read as JSON" : null;
}

/** Count the bytes of tokenizer and config that are fetched with the weights; a level is fetched as transformers would. */
function countCompanionBytes(
  quantization: Quantization,
  companions: ModelReport["companions"],
  projectorBytes: number | null,
): number | null {
  if (!companions) return null;
  if (quantization.ecosystem.isSelfContained) return projectorBytes ?? 0;
  return companions.tokenizer.bytes + companions.config.bytes;
}
