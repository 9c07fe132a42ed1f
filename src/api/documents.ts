/** The documents of models: from earlier runs, where the same code measured the same commit in the same settings. */
import type { JsonObject } from "../contract/json.ts";
import type { ModelReport, Report } from "../contract/types.ts";
import type { Note } from "../notes.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { InvalidReference, Reference } from "../source/reference.ts";
import type { Repository } from "../source/repository.ts";
import type { Sources } from "../source/sources.ts";
import { listPlaceNotes, readBestPlace } from "./best-place.ts";
import type { CountedContents } from "./load.ts";
import { inTime, type MeasureOptions, type Reading } from "./measure-options.ts";
import { collectReport, measureWith, toDocuments, type Documents } from "./measure.ts";

/** The part of a document that belongs to a commit and the settings, and not to one run. */
type KeptDocument = Omit<ModelReport, "reference" | "id" | "revision" | "source" | "memory">;

/** Measure all references for a run that prints them and needs nothing more, and build the report. */
export async function measureReport(
  references: readonly (Reference | InvalidReference)[],
  options: MeasureOptions,
): Promise<Report> {
  return collectReport(references, (reference) => measureDocuments(reference, options));
}

/** Measure one reference for such a run; what goes wrong is an entry of `failures`. */
export async function measureDocuments<Item extends Reference | InvalidReference>(
  reference: Item,
  options: MeasureOptions,
): Promise<Documents & { readonly reference: Item }> {
  return { reference, ...toDocuments(await measureWith(measureDocument, reference, options)) };
}

/** Measure one model. Throws LlmSizeError. */
async function measureDocument(
  reference: Reference,
  options: MeasureOptions,
): Promise<{ document: ModelReport }> {
  if (options.memory || options.planMemory)
    return (await import("./measure-model.ts")).measureModel(reference, options);
  return inTime(reference, options, async (places, reading) => {
    const { repository, found } = await readBestPlace(reference, places, (place) =>
      findOrRead(place, options.quantizations, reading),
    );
    options.signal?.throwIfAborted(); // the cache or the catalog may have answered in place of the Hub
    if (found.kept) {
      await repository.cached?.save(); // its name may have led to another commit before
      return { document: restore(found.kept, { reference, repository, places }) };
    }
    const { contents, isWhole } = found;
    const [{ completeModel }, { sizeLoaded }] = await Promise.all([
      import("./load.ts"),
      import("./measure-model.ts"),
    ]);
    const loaded = await completeModel({ ...contents, reference, repository }, places, reading.checkTime);
    const { document } = await sizeLoaded(loaded, options, reading.checkTime);
    // Of other evidence, a part was read elsewhere than in this commit, or for want of access to it.
    if (isWhole() && loaded.evidence === "headers" && loaded.source === repository.source)
      await repository.results?.keep(
        formatSettings(repository, options.quantizations),
        keepOf(document, contents.notes) as unknown as JsonObject,
      );
    return { document };
  });
}

interface Measured {
  readonly kept: null;
  readonly contents: CountedContents;
  /** False where a part was not available, as behind a gate or without a network: the next run may have it. */
  readonly isWhole: () => boolean;
}

type Found = Measured | { readonly kept: KeptDocument };

async function findOrRead(
  repository: Repository,
  quantizations: readonly Quantization[],
  reading: Reading,
): Promise<Found> {
  const kept = await repository.results?.find(formatSettings(repository, quantizations));
  // Our own file, of this very code, with a checksum.
  if (kept) return { kept: kept as unknown as KeptDocument };
  const { readContents } = await import("./load.ts");
  let isWhole = true;
  const watch = (error: unknown) => {
    isWhole = false;
    throw error;
  };
  const watched: Repository = {
    ...repository,
    readText: (path, maxBytes) => repository.readText(path, maxBytes).catch(watch),
    readRange: (file, begin, end) => repository.readRange(file, begin, end).catch(watch),
  };
  return { kept: null, contents: await readContents(watched, reading), isWhole: () => isWhole };
}

/** Everything that a document depends on besides the commit. */
export function formatSettings(
  { file, label }: Pick<Repository, "file" | "label">,
  quantizations: readonly Quantization[],
): string {
  return JSON.stringify([file, label, quantizations.map(({ name, options }) => [name, options])]);
}

/** Take from a document what belongs to the commit and the settings; `notes` are those on the content. */
export function keepOf(document: ModelReport, notes: readonly Note[]): KeptDocument {
  const { evidence, architecture, modelType, adapter, parameters, sizeClass, published, sizes, companions } =
    document;
  return {
    evidence,
    architecture,
    modelType,
    adapter,
    parameters,
    sizeClass,
    published,
    sizes,
    companions,
    notes: [...notes],
  };
}

function restore(
  { notes, ...kept }: KeptDocument,
  { reference, repository, places }: { reference: Reference; repository: Repository; places: Sources },
): ModelReport {
  const { id, revision, source } = repository;
  return {
    reference: reference.text,
    id,
    revision,
    source,
    ...kept,
    memory: null,
    notes: [...listPlaceNotes(repository, places), ...notes],
  };
}
