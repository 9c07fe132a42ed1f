/** Where a reference leads that is not a folder: to the Hub, or to the built-in catalog. */
import { isFailure, LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import { resolveAlias } from "./catalog/aliases.ts";
import { findNearModels, suggestModels } from "./catalog/near.ts";
import { openHubRepository } from "./hub/hub-repository.ts";
import type { Reference } from "./reference.ts";
import { UNKNOWN_REPOSITORY, type ModelRef, type Repository } from "./repository.ts";
import type { Sources } from "./sources.ts";

export interface Target {
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

export function resolveTarget(
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

export async function openOnHub(
  { alias, ref, needsSearch, notes }: Target,
  { hub, cache, isGate = false }: Sources,
): Promise<Repository> {
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
export function suggestOthers(alias: string): string[] {
  return suggestModels(alias).filter((name) => name !== alias.toLowerCase());
}

/** Put a failure of the Hub first. A place that lacks a file does not explain why another is used. */
export function withFailure(failure: LlmSizeError | null, message: string): string {
  return failure?.retryable ? `${failure.message}; ${message}` : message;
}

/** Open a model of the built-in catalog; null where it is not there. */
export async function openInCatalog(
  { catalogId, notes }: Target,
  failure: LlmSizeError | null,
  findResult?: Sources["findCatalogResult"],
): Promise<Repository | null> {
  if (catalogId === null) return null;
  const refuse = async (): Promise<never> => {
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: catalogId });
  };
  const message = withFailure(failure, "figures from the built-in catalog");
  return {
    ...UNKNOWN_REPOSITORY,
    id: catalogId,
    source: "catalog",
    files: [],
    findInCatalog: async () => (await import("./catalog/catalog.ts")).findCatalogModel(catalogId),
    results: findResult
      ? { find: (settings) => findResult(catalogId, settings), keep: async () => {} }
      : null,
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

export function addNotes(repository: Repository, notes: readonly Note[]): Repository {
  return { ...repository, notes: [...notes, ...repository.notes] };
}
