/** Find where a reference leads: a folder, the Hub, or, offline and when the Hub does not answer, this disk. */
import { resolve } from "node:path";
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import { startRecord } from "./cache/record.ts";
import { resolveAlias } from "./catalog/aliases.ts";
import { findCatalogModel } from "./catalog/catalog.ts";
import { findNearModels, suggestModels } from "./catalog/near.ts";
import type { Hub } from "./hub/hub.ts";
import { findOnDisk, openLocalRepository } from "./local.ts";
import type { Reference } from "./reference.ts";
import { UNKNOWN_REPOSITORY, type ModelRef, type Repository } from "./repository.ts";
import { expandPath, type System } from "./settings.ts";
import type { Sources } from "./sources.ts";

/** Open a model in one place, where `failure` is why a better place failed; null when it is not there. */
export type Candidate = (failure: LlmSizeError | null) => Promise<Repository | null>;

/** List the places where a reference may lead, the best first. */
export async function listCandidates(reference: Reference, sources: Sources): Promise<readonly Candidate[]> {
  const { hub, system } = sources;
  const { text } = reference;
  if (reference.kind === "ollama") {
    const { listOllamaPlaces } = await import("./ollama/open.ts");
    return listOllamaPlaces(reference.name, sources);
  }
  if (reference.kind === "path") {
    const path = resolve(system.cwd, expandPath(reference.path, system));
    return [() => openLocalRepository(text, path)];
  }
  const path = resolve(system.cwd, text);
  const found = sources.ignoresFolders ? null : await findOnDisk(path);
  if (found !== null) {
    const note: Note = { code: "LOCAL_FOLDER", message: `${text} is read from the ${found} of that name` };
    // A slash at the end says that a folder is meant.
    const notes = text.endsWith("/") ? [] : [note];
    return [async () => addNotes(await openLocalRepository(text, path), notes)];
  }
  const target = resolveTarget(reference, sources.revision);
  const onDisk: Candidate[] = [
    (failure) => openCached(target, sources, failure),
    ...[...new Set([target.ref.id, target.alias])].map(
      (id): Candidate =>
        (failure) =>
          openDownloaded({ ...target, ref: { ...target.ref, id } }, system, failure),
    ),
    async (failure) => openCatalogRepository(target, failure),
  ];
  if (!hub.settings.offline) return [() => openOnHub(target, sources), ...onDisk];
  const suggest: Candidate = async (failure) => {
    if (failure) return null;
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: text, similar: suggestOthers(target.alias) });
  };
  return [...onDisk, suggest];
}

interface Target {
  /** The name or id as typed. */
  readonly alias: string;
  /** The model that it means. */
  readonly ref: ModelRef;
  /** Its id in the built-in catalog; null where it is not there. */
  readonly catalogId: string | null;
  /** True where the organization is missing, so that the Hub has to be searched. */
  readonly needsSearch: boolean;
  readonly notes: readonly Note[];
}

function resolveTarget(
  reference: Exclude<Reference, { kind: "path" | "ollama" }>,
  defaultRevision: string | null,
): Target {
  const revision = reference.revision ?? defaultRevision;
  const alias = reference.kind === "name" ? reference.name : reference.id;
  const { file, label } = reference.kind === "repository" ? reference : { file: null, label: null };
  const known = resolveAlias(alias);
  return {
    alias,
    ref: { id: known ?? alias, revision, file, label },
    catalogId: revision === null && file === null && label === null ? known : null,
    needsSearch: known === null && reference.kind === "name",
    notes: known === null ? [] : buildAliasNotes(alias, known),
  };
}

async function openOnHub(
  { alias, ref, needsSearch, notes }: Target,
  { hub, cache, isGate = false }: Sources,
): Promise<Repository> {
  const { openHubRepository } = await import("./hub/hub-repository.ts");
  const open = (id: string) => openHubRepository(hub, { ...ref, id }, { alias, cache });
  try {
    // The Hub redirects the old one-word names, such as bert-large-uncased, to their organizations itself.
    return addNotes(await open(ref.id), notes);
  } catch (error) {
    if (!isFailure(error, "MODEL_NOT_FOUND")) throw error;
    const similar = needsSearch ? findNearModels(alias) : suggestOthers(alias);
    if (similar.length > 0) throw new LlmSizeError("MODEL_NOT_FOUND", { ...error.context, similar });
    if (!needsSearch) throw error;
  }
  const { searchByName } = await import("./search-by-name.ts");
  const found = await searchByName(hub, alias, { isGate });
  return addNotes(await open(found.id), [found.note]);
}

/** Suggest models for one that was not found, other than itself. */
function suggestOthers(alias: string): string[] {
  return suggestModels(alias).filter((name) => name !== alias.toLowerCase());
}

/** Open a model from our own cache without any request: offline, or after the Hub failed to answer. */
async function openCached(
  { alias, ref, needsSearch, notes }: Target,
  { hub, cache, isGate = false }: Sources,
  failure: LlmSizeError | null,
): Promise<Repository | null> {
  const revision = ref.revision ?? "main";
  const entry = (await cache?.find(alias, revision)) ?? (await cache?.find(ref.id, revision));
  if (!cache || !entry) return null;
  if (needsSearch && isGate) {
    if (failure) return null; // the Hub may know the name when it answers
    const candidates = [{ id: entry.id, downloads: null }];
    throw new LlmSizeError("MODEL_AMBIGUOUS", { model: alias, candidates });
  }
  const { openEntry } = await import("./hub/hub-repository.ts");
  const silent: Hub = {
    ...hub,
    async request(_, { label: { model, path } }) {
      throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model, ...(path !== undefined && { path }) });
    },
  };
  const cached = startRecord(cache, entry, { isCached: true, aliases: [], revision });
  const meant = needsSearch ? { ...ref, id: entry.id } : ref;
  const resolved: Note[] = needsSearch
    ? [{ code: "NAME_RESOLVED", message: `${alias} resolved to ${entry.id}, as before` }]
    : [...notes];
  const message = withFailure(
    failure,
    `figures are of commit ${entry.commit.slice(0, 7)}, the last one seen`,
  );
  if (entry.commit !== ref.revision || failure) resolved.push({ code: "CACHE_USED", message });
  return addNotes(openEntry(silent, meant, { entry, source: "cache", cached }), resolved);
}

async function openDownloaded(
  { ref, notes }: Target,
  system: System,
  failure: LlmSizeError | null,
): Promise<Repository | null> {
  const { openDownloadedRepository } = await import("./downloaded.ts");
  const repository = await openDownloadedRepository(ref, system);
  if (!repository) return null;
  const message = `figures are of the files on this disk (the Hub's cache, commit ${repository.revision?.slice(0, 7)})`;
  return addNotes(repository, [...notes, { code: "DOWNLOAD_USED", message: withFailure(failure, message) }]);
}

/** Put a failure of the Hub first. A place that lacks a file does not explain why another is used. */
function withFailure(failure: LlmSizeError | null, message: string): string {
  return failure?.retryable ? `${failure.message}; ${message}` : message;
}

function openCatalogRepository(
  { catalogId, notes }: Target,
  failure: LlmSizeError | null,
): Repository | null {
  const model = catalogId === null ? null : findCatalogModel(catalogId);
  if (!model) return null;
  const refuse = async (): Promise<never> => {
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: model.id });
  };
  const message = withFailure(failure, "figures from the built-in catalog");
  return {
    ...UNKNOWN_REPOSITORY,
    id: model.id,
    source: "catalog",
    files: model.files,
    findInCatalog: () => model,
    notes: failure?.retryable ? [...notes, { code: "CATALOG_USED", message }] : notes,
    readText: refuse,
    readRange: refuse,
  };
}

/** Add a note only if the id does not contain the name as typed. */
function buildAliasNotes(alias: string, id: string): Note[] {
  const [name, full] = [alias.toLowerCase(), id.toLowerCase()];
  if (name === full || full.split("/").includes(name)) return [];
  return [{ code: "NAME_RESOLVED", message: `${alias} resolved to ${id}` }];
}

function addNotes(repository: Repository, notes: readonly Note[]): Repository {
  return { ...repository, notes: [...notes, ...repository.notes] };
}
