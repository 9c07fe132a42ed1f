/** reference → everything that was read of the model: where it is, what it is made of, and its counts. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { listFiles, type PackageChoice } from "../format/packages/package-choice.ts";
import { listWeightFiles } from "../format/packages/collapse.ts";
import { doubtLargeAlternatives } from "../format/packages/large-alternatives.ts";
import { MalformedError } from "../format/malformed.ts";
import { classifyTensors, type ClassifiedTensors } from "../model/classify-tensors.ts";
import { judgeConservation } from "../model/conservation.ts";
import { loadPackings } from "../model/packing/load-packings.ts";
import { countParameters, UNKNOWN_COUNTS, type ParameterCounts } from "../model/parameters.ts";
import type { Note } from "../notes.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { Sources } from "../source/sources.ts";
import type { Reference } from "../source/reference.ts";
import { sumBytes, type Repository } from "../source/repository.ts";
import { readModel, type ModelContents, type OnFile } from "./read-model.ts";

export interface LoadedModel extends ModelContents {
  readonly reference: Reference;
  readonly repository: Repository;
  /** The classified tensors; null where no header could be read. */
  readonly classified: ClassifiedTensors | null;
  readonly counts: ParameterCounts;
  /** The model as the schemes know it: by the names of a Hugging Face checkpoint; null without headers. */
  readonly logical: LogicalModel | null;
}

interface LoadOptions {
  readonly onFile: OnFile;
  /** Throws when the time is up. */
  readonly checkTime: () => void;
}

/** Open, read and count one model. Throws LlmSizeError. */
export async function loadModel(
  reference: Reference,
  sources: Sources,
  options: LoadOptions,
): Promise<LoadedModel> {
  const { checkTime } = options;
  const { repository, contents } = await readBestPlace(reference, sources, options).catch(
    async (error: unknown) => {
      throw reference.kind === "name" ? await suggestDevice(reference.name, error) : error;
    },
  );
  // Do not cache gated results: the next run may have access.
  if (contents.source === repository.source && contents.evidence !== "summary")
    await repository.cached?.save();
  const notes = [...repository.notes, ...buildTokenNotes(sources, repository), ...contents.notes];
  return countByBase({ ...contents, reference, repository, notes }, sources, checkTime);
}

/** Say so where the name of a model is one of a device, as in `llm-size 4090`. */
async function suggestDevice(name: string, error: unknown): Promise<unknown> {
  const isUnknown = isFailure(error, "MODEL_NOT_FOUND") || isFailure(error, "NOT_AVAILABLE_OFFLINE");
  if (!isUnknown || (error.context.similar?.length ?? 0) > 0) return error;
  const { listDevicesCalled } = await import("../budget/find-device.ts");
  const [device] = listDevicesCalled(name);
  return device === undefined ? error : new LlmSizeError(error.code, { ...error.context, device });
}

/** Count the base model that a card names, where the files do not state their parameters. Its failure costs only the count. */
async function countByBase(
  loaded: LoadedModel,
  sources: Sources,
  checkTime: LoadOptions["checkTime"],
): Promise<LoadedModel> {
  const { checkpoint, notes, repository } = loaded;
  if (loaded.evidence !== "files" || !checkpoint) return loaded;
  const { findBaseToCount, takeBaseCounts } = await import("./base-parameters.ts");
  const id = findBaseToCount(loaded, repository);
  if (id === null) return loaded;
  const reference: Reference = { kind: "repository", text: id, id, revision: null, file: null, label: null };
  try {
    const elsewhere = { ...sources, revision: null, ignoresFolders: true };
    const base = await readBestPlace(reference, elsewhere, { onFile: () => {}, checkTime });
    const { counts, note } = takeBaseCounts(checkpoint, { id, counts: base.contents.counts });
    const evidence = counts.total === null ? loaded.evidence : "base";
    return { ...loaded, evidence, counts, notes: [...notes, note] };
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    const message = `its card names ${id} as its base, which was not measured: ${error.message}`;
    return { ...loaded, notes: [...notes, { code: "BASE_UNMEASURED", message }] };
  }
}

/** A repository, read and counted. */
type CountedContents = Omit<LoadedModel, "reference" | "repository">;

/** Read the first place that has the model. Only a Hub that does not answer or a place without a file leads to the next. */
async function readBestPlace(
  reference: Reference,
  sources: Sources,
  options: LoadOptions,
): Promise<{ repository: Repository; contents: CountedContents }> {
  let because: LlmSizeError | null = null;
  for (const open of await sources.listCandidates(reference, sources)) {
    let repository: Repository | null = null;
    try {
      repository = selectDownloaded(await open(because));
      if (repository) return { repository, contents: await readContents(repository, options) };
    } catch (error) {
      if (!(error instanceof LlmSizeError && mayBeElsewhere(error, repository))) throw error;
      because ??= error;
    }
  }
  throw because ?? new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: reference.text });
}

/**
 * Leave out weight files that were not downloaded: `hf download --include '*Q4_K_M*'` takes one of many. Return null when
 * no weights were.
 */
function selectDownloaded(repository: Repository | null): Repository | null {
  const { downloaded = null, files = [] } = repository ?? {};
  if (!repository || downloaded === null) return repository;
  const weights = listWeightFiles(files);
  const usable = files.filter(({ path }) => downloaded.has(path) || !weights.has(path));
  return usable.some(({ path }) => weights.has(path)) ? { ...repository, files: usable } : null;
}

/** Not all shards of a model need have been downloaded. */
function mayBeElsewhere(error: LlmSizeError, repository: Repository | null): boolean {
  const isPartial = repository?.source === "cache" && isFailure(error, "INCOMPLETE_WEIGHTS");
  return error.retryable || isPartial || isFailure(error, "NOT_AVAILABLE_OFFLINE");
}

/** Read and count. Errors of parsers know no model: it is added here. */
async function readContents(
  repository: Repository,
  { onFile, checkTime }: LoadOptions,
): Promise<CountedContents> {
  const inTime: OnFile = (step) => {
    checkTime(); // a header may have taken long to parse
    onFile(step);
  };
  try {
    const counted = await countContents(repository, await readEvidence(repository, inTime), checkTime);
    return { ...counted, logical: await buildLogicalModel(counted) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const context = { model: repository.id, path: error.path ?? "the checkpoint", reason: error.message };
    throw new LlmSizeError("MALFORMED_WEIGHTS", context, { cause: error });
  }
}

async function readEvidence(repository: Repository, onFile: OnFile): Promise<ModelContents> {
  if (repository.source === "catalog") return (await loadGate()).readCatalogModel(repository, []);
  try {
    return await readModel(repository, onFile);
  } catch (error) {
    if (!isFailure(error, "MODEL_GATED")) throw error;
    return (await loadGate()).readGatedModel(repository, error);
  }
}

/** Most models need neither the catalog nor what is known of a gated one. */
const loadGate = () => import("./gate.ts");

async function countContents(
  { summary }: Repository,
  contents: ModelContents,
  checkTime: LoadOptions["checkTime"],
): Promise<Omit<CountedContents, "logical">> {
  const { source, evidence, checkpoint, parts, config, adapter } = contents;
  if (evidence === "summary" && summary) {
    const fileBytes = checkpoint && listFiles(checkpoint).reduce((sum, { bytes }) => sum + bytes, 0);
    const { countSummary } = await import("../model/summary.ts");
    const { counts, notes } = countSummary(summary, fileBytes);
    return { ...contents, classified: null, counts, notes: [...contents.notes, ...notes] };
  }
  if (evidence !== "headers") return { ...contents, classified: null, counts: UNKNOWN_COUNTS };
  const classified = classifyTensors(
    parts.map((part) => ({ ...part, adapter })),
    await loadPackings(parts),
    checkTime,
  );
  const notes = [...contents.notes, ...classified.notes];
  const unexplained = classified.weights.every(({ parameters }) => parameters === 0)
    ? "its files hold no weights"
    : judgeConservation(classified, source === "catalog" || !checkpoint ? null : sumHeldBytes(checkpoint));
  if (unexplained !== null) {
    notes.push({ code: "BYTES_UNACCOUNTED", message: unexplained });
    return { ...contents, classified: null, counts: UNKNOWN_COUNTS, notes };
  }
  const counts = countParameters(classified, config);
  if (counts.total !== null && counts.active === null)
    notes.push({ code: "ACTIVE_UNKNOWN", message: "how many experts a token is routed to is not known" });
  if (!checkpoint || checkpoint.doubt || counts.total === null)
    return { ...contents, classified, counts, notes };
  const doubt = doubtLargeAlternatives(checkpoint, counts.total);
  if (doubt) notes.push({ code: "PACKAGE_DOUBTFUL", message: doubt.message });
  return { ...contents, checkpoint: { ...checkpoint, doubt }, classified, counts, notes };
}

async function buildLogicalModel({
  classified,
  checkpoint,
  config,
}: Omit<CountedContents, "logical">): Promise<LogicalModel | null> {
  if (!classified || checkpoint?.format !== "gguf")
    return classified && { weights: classified.weights, config };
  const { toHuggingFaceNames } = await import("../quant/gguf/hugging-face-names.ts");
  return { weights: toHuggingFaceNames(classified.weights), config };
}

/** The bytes of files whose headers do not prove them full: safetensors and GGUF files leave no room between tensors. */
function sumHeldBytes({ parts }: PackageChoice): number | null {
  return parts.every(({ format }) => format === "safetensors" || format === "gguf" || format === "mlc")
    ? null
    : sumBytes(parts.flatMap(({ files }) => [...files]));
}

function buildTokenNotes({ hub }: Sources, { source }: Repository): Note[] {
  if (source === "local" || source === "catalog" || !hub.tokenRefused) return [];
  const message = "the Hub refused the token (expired or mistyped?); read without it";
  return [{ code: "TOKEN_REFUSED", message }];
}
