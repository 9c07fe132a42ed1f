/** reference → everything that was read of the model: where it is, what it is made of, and its counts. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { listFiles, type PackageChoice } from "../format/packages/package-choice.ts";
import { doubtLargeAlternatives } from "../format/packages/large-alternatives.ts";
import { MalformedError } from "../format/malformed.ts";
import { classifyTensors, type ClassifiedTensors } from "../model/classify-tensors.ts";
import { judgeConservation } from "../model/conservation.ts";
import { loadPackings } from "../model/packing/load-packings.ts";
import { countParameters, UNKNOWN_COUNTS, type ParameterCounts } from "../model/parameters.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { Sources } from "../source/sources.ts";
import type { Reference } from "../source/reference.ts";
import { sumBytes, type Repository } from "../source/repository.ts";
import { listPlaceNotes, readBestPlace } from "./best-place.ts";
import type { Reading } from "./measure-options.ts";
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

/** Open, read and count one model. Throws LlmSizeError. */
export async function loadModel(
  reference: Reference,
  sources: Sources,
  options: Reading,
): Promise<LoadedModel> {
  const { repository, found } = await readBestPlace(reference, sources, (place) =>
    readContents(place, options),
  );
  return completeModel({ ...found, reference, repository }, sources, options.checkTime);
}

/** Add what is not in the files of a model, and cache what is. */
export async function completeModel(
  read: LoadedModel,
  sources: Sources,
  checkTime: Reading["checkTime"],
): Promise<LoadedModel> {
  const { repository } = read;
  // Do not cache gated results: the next run may have access.
  if (read.source === repository.source && read.evidence !== "summary") await repository.cached?.save();
  const notes = [...listPlaceNotes(repository, sources), ...read.notes];
  return countByBase({ ...read, notes }, sources, checkTime);
}

/** Count the base model that a card names, where the files do not state their parameters. Its failure costs only the count. */
async function countByBase(
  loaded: LoadedModel,
  sources: Sources,
  checkTime: Reading["checkTime"],
): Promise<LoadedModel> {
  const { checkpoint, notes, repository } = loaded;
  if (loaded.evidence !== "files" || !checkpoint) return loaded;
  const { findBaseToCount, takeBaseCounts } = await import("./base-parameters.ts");
  const id = findBaseToCount(loaded, repository);
  if (id === null) return loaded;
  const reference: Reference = { kind: "repository", text: id, id, revision: null, file: null, label: null };
  try {
    const elsewhere = { ...sources, revision: null, ignoresFolders: true };
    const base = await readBestPlace(reference, elsewhere, (place) =>
      readContents(place, { onFile: () => {}, checkTime }),
    );
    const { counts, note } = takeBaseCounts(checkpoint, { id, counts: base.found.counts });
    const evidence = counts.total === null ? loaded.evidence : "base";
    return { ...loaded, evidence, counts, notes: [...notes, note] };
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    const message = `its card names ${id} as its base, which was not measured: ${error.message}`;
    return { ...loaded, notes: [...notes, { code: "BASE_UNMEASURED", message }] };
  }
}

/** A repository, read and counted. */
export type CountedContents = Omit<LoadedModel, "reference" | "repository">;

/** Read and count. Errors of parsers know no model: it is added here. */
export async function readContents(
  repository: Repository,
  { onFile, checkTime }: Reading,
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
  checkTime: Reading["checkTime"],
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
