/** The place that a model is read from: the first that has it. */
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import type { Reference } from "../source/reference.ts";
import type { Repository } from "../source/repository.ts";
import type { Sources } from "../source/sources.ts";

/** A repository, and what was read of it. */
interface Place<Found> {
  readonly repository: Repository;
  readonly found: Found;
}

/** Read the first place that has the model. Throws LlmSizeError. */
export async function readBestPlace<Found>(
  reference: Reference,
  sources: Sources,
  read: (repository: Repository) => Promise<Found>,
): Promise<Place<Found>> {
  try {
    return await readFirst(reference, sources, read);
  } catch (error) {
    throw reference.kind === "name" ? await suggestDevice(reference.name, error) : error;
  }
}

/** Only a Hub that does not answer or a place without a file leads to the next. */
async function readFirst<Found>(
  reference: Reference,
  sources: Sources,
  read: (repository: Repository) => Promise<Found>,
): Promise<Place<Found>> {
  let because: LlmSizeError | null = null;
  for (const open of await sources.listCandidates(reference, sources)) {
    let repository: Repository | null = null;
    try {
      repository = await selectDownloaded(await open(because));
      if (repository) return { repository, found: await read(repository) };
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
async function selectDownloaded(repository: Repository | null): Promise<Repository | null> {
  const { downloaded = null, files = [] } = repository ?? {};
  if (!repository || downloaded === null) return repository;
  const { listWeightFiles } = await import("../format/packages/collapse.ts"); // for a few runs
  const weights = listWeightFiles(files);
  const usable = files.filter(({ path }) => downloaded.has(path) || !weights.has(path));
  return usable.some(({ path }) => weights.has(path)) ? { ...repository, files: usable } : null;
}

/** Not all shards of a model need have been downloaded. */
function mayBeElsewhere(error: LlmSizeError, repository: Repository | null): boolean {
  const isPartial = repository?.source === "cache" && isFailure(error, "INCOMPLETE_WEIGHTS");
  return error.retryable || isPartial || isFailure(error, "NOT_AVAILABLE_OFFLINE");
}

/** Say so where the name of a model is one of a device, as in `llm-size 4090`. */
async function suggestDevice(name: string, error: unknown): Promise<unknown> {
  const isUnknown = isFailure(error, "MODEL_NOT_FOUND") || isFailure(error, "NOT_AVAILABLE_OFFLINE");
  if (!isUnknown || (error.context.similar?.length ?? 0) > 0) return error;
  const { listDevicesCalled } = await import("../budget/find-device.ts");
  const [device] = listDevicesCalled(name);
  return device === undefined ? error : new LlmSizeError(error.code, { ...error.context, device });
}

/** List the notes on how a model was found: they belong to a run and not to the model. */
export function listPlaceNotes({ source, notes }: Repository, { hub }: Sources): Note[] {
  if (source === "local" || source === "catalog" || !hub.tokenRefused) return [...notes];
  const message = "the Hub refused the token (expired or mistyped?); read without it";
  return [...notes, { code: "TOKEN_REFUSED", message }];
}
