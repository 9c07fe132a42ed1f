/** reference → what is known of the model: where it is, what its figures rest on, and what it is made of. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { gatherEvidence, type Evidence, type OnFile } from "./evidence.ts";
import { listFiles } from "../format/checkpoints.ts";
import { parseWeightFile } from "../format/weight-file.ts";
import { classifyTensors, type ClassifiedTensors } from "../model/classify-tensors.ts";
import { countParameters, UNKNOWN_COUNTS, type ParameterCounts } from "../model/parameters.ts";
import { countSummary } from "../model/summary.ts";
import type { Note } from "../notes.ts";
import { listPlaces, type Sources } from "../source/open.ts";
import type { Reference } from "../source/reference.ts";
import type { Repository } from "../source/repository.ts";

/** Everything that reports are made of. */
export interface Examination {
  readonly reference: Reference;
  readonly repository: Repository;
  readonly evidence: Evidence;
  /** Null where no header could be read. */
  readonly anatomy: ClassifiedTensors | null;
  readonly counts: ParameterCounts;
  readonly notes: readonly Note[];
}

/** Opens, reads and counts one model. Throws LlmSizeError. */
export async function examineModel(
  reference: Reference,
  sources: Sources,
  onFile: OnFile,
): Promise<Examination> {
  const { repository, evidence } = await readBestPlace(reference, sources, onFile);
  // What lies behind a gate may be open to the next run.
  if (evidence.source === repository.source && evidence.kind !== "summary") repository.cached?.save();
  const { anatomy, counts, notes } = count(repository.id, evidence);
  return {
    reference,
    repository,
    evidence,
    anatomy,
    counts,
    notes: [...repository.notes, ...describeToken(sources, repository), ...evidence.notes, ...notes],
  };
}

/** A Hub that does not answer, or a place that lacks a file, leaves the next place; any other failure is the answer. */
async function readBestPlace(
  reference: Reference,
  sources: Sources,
  onFile: OnFile,
): Promise<{ repository: Repository; evidence: Evidence }> {
  let because: LlmSizeError | null = null;
  for (const open of await listPlaces(reference, sources)) {
    let repository: Repository | null = null;
    try {
      repository = selectDownloaded(await open(because));
      if (repository) return { repository, evidence: await gatherEvidence(repository, onFile) };
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
  const usable = files.filter((file) => downloaded.has(file.path) || !parseWeightFile(file));
  return usable.some((file) => parseWeightFile(file)) ? { ...repository, files: usable } : null;
}

/** Not all shards of a model need have been downloaded. */
function mayBeElsewhere(error: LlmSizeError, repository: Repository | null): boolean {
  const isPartial = repository?.source === "cache" && isFailure(error, "INCOMPLETE_WEIGHTS");
  return error.retryable || isPartial || isFailure(error, "NOT_AVAILABLE_OFFLINE");
}

function count(
  model: string,
  evidence: Evidence,
): { anatomy: ClassifiedTensors | null; counts: ParameterCounts; notes: readonly Note[] } {
  switch (evidence.kind) {
    case "files":
      return { anatomy: null, counts: UNKNOWN_COUNTS, notes: [] };
    case "summary": {
      const { checkpoint, summary } = evidence;
      const fileBytes = checkpoint && listFiles(checkpoint).reduce((sum, { bytes }) => sum + bytes, 0);
      return { anatomy: null, ...countSummary(summary, fileBytes) };
    }
    case "headers": {
      const anatomy = classifyTensors(model, evidence.parts);
      const counts = countParameters(anatomy, evidence.config);
      const notes = [...anatomy.notes];
      if (counts.total !== null && counts.active === null)
        notes.push({ code: "ACTIVE_UNKNOWN", message: "how many experts a token is routed to is not known" });
      return { anatomy, counts, notes };
    }
  }
}

function describeToken({ hub }: Sources, { source }: Repository): Note[] {
  if (source === "local" || source === "catalog" || !hub.tokenRefused) return [];
  return [
    {
      code: "TOKEN_REFUSED",
      message: "the Hub refused the token (expired or mistyped?); read without it",
    },
  ];
}
