/** Where a reference leads: a folder, the Hub, or, when that is not asked or does not answer, what is on this disk. */
import { LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import type { Asked } from "./asked.ts";
import type { Cache } from "./cache/cache.ts";
import { startMemory } from "./cache/memory.ts";
import { resolveAlias } from "./catalog/aliases.ts";
import { findCatalogModel } from "./catalog/catalog.ts";
import type { Hub } from "./hub/hub.ts";
import { isFolder, openLocalRepository } from "./local.ts";
import type { Reference } from "./reference.ts";
import type { Repository } from "./repository.ts";
import { expandPath, type Environment } from "./settings.ts";

export interface Sources {
  readonly hub: Hub;
  /** Null where nothing is to be kept. */
  readonly cache: Cache | null;
  readonly env: Environment;
  /** For references without a revision of their own. */
  readonly revision: string | null;
}

/** Resolves a reference and opens what it names. Throws the errors of the source it ends in. */
export async function openRepository(reference: Reference, sources: Sources): Promise<Repository> {
  if (reference.kind === "path")
    return openLocalRepository(reference.text, expandPath(reference.path, sources.env));
  if (await isFolder(reference.text)) {
    const message = `${reference.text} is read from the folder of that name`;
    return addNotes(await openLocalRepository(reference.text, reference.text), [
      { code: "LOCAL_FOLDER", message },
    ]);
  }
  const target = describeTarget(reference, sources);
  if (sources.hub.settings.offline) return openOnDisk(target, sources, null);
  try {
    return await openOnHub(target, sources);
  } catch (error) {
    if (!(error instanceof LlmSizeError && error.retryable)) throw error;
    return openOnDisk(target, sources, error);
  }
}

/** What was typed, and the model that this means. */
interface Target {
  readonly typed: string;
  readonly asked: Asked;
  /** The built-in alias or model that the name is of. */
  readonly known: string | null;
  /** True where the organization is missing, so that the Hub has to be searched. */
  readonly needsSearch: boolean;
  readonly notes: readonly Note[];
}

function describeTarget(reference: Exclude<Reference, { kind: "path" }>, sources: Sources): Target {
  const revision = reference.revision ?? sources.revision;
  const typed = reference.kind === "name" ? reference.name : reference.id;
  const path = reference.kind === "repository" ? reference.path : null;
  const known = revision === null && path === null ? resolveAlias(typed) : null;
  return {
    typed,
    asked: { id: known ?? typed, revision, path },
    known,
    needsSearch: known === null && reference.kind === "name",
    notes: known ? describeAlias(typed, known) : [],
  };
}

async function openOnHub(
  { typed, asked, needsSearch, notes }: Target,
  { hub, cache }: Sources,
): Promise<Repository> {
  const { openHubRepository } = await import("./hub/hub-repository.ts");
  if (!needsSearch) return addNotes(await openHubRepository(hub, asked, typed, cache), notes);
  const choice = await searchByName(hub, typed);
  return addNotes(await openHubRepository(hub, { ...asked, id: choice.id }, typed, cache), choice.notes);
}

/** The cache, what the Hub's tools have downloaded, the built-in catalog. `reason` is why the Hub is not asked. */
async function openOnDisk(
  { typed, asked, known, notes }: Target,
  { hub, cache, env }: Sources,
  reason: LlmSizeError | null,
): Promise<Repository> {
  const because = reason ? `${reason.message}; ` : "";
  const kept =
    (await cache?.find(typed, asked.revision ?? "main")) ??
    (await cache?.find(asked.id, asked.revision ?? "main"));
  if (cache && kept) {
    const { openEntry } = await import("./hub/hub-repository.ts");
    const message = `${because}figures are of commit ${kept.commit.slice(0, 7)}, the last one seen`;
    const isPinned = kept.commit === asked.revision;
    const used: Note[] = isPinned ? [] : [{ code: "CACHE_USED", message }];
    return addNotes(
      openEntry(hub, { ...asked, id: kept.id }, kept, "cache", startMemory(cache, kept, true, [])),
      [...notes, ...used],
    );
  }
  const { openDownloadedRepository } = await import("./downloaded.ts");
  for (const id of new Set([asked.id, typed])) {
    const downloaded = await openDownloadedRepository({ ...asked, id }, env);
    if (downloaded) {
      const said = downloaded.notes.map((note) => ({ ...note, message: because + note.message }));
      return { ...downloaded, notes: [...notes, ...said] };
    }
  }
  if (!known) throw reason ?? new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: typed });
  const used: Note[] = reason
    ? [{ code: "CATALOG_USED", message: `${because}figures from the built-in catalog` }]
    : [];
  return addNotes(openCatalogRepository(known), [...notes, ...used]);
}

/** A model of the built-in catalog, when nothing better can be asked. */
function openCatalogRepository(id: string): Repository {
  const model = findCatalogModel(id);
  if (!model) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: id });
  const unread = async (): Promise<never> => {
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: model.id });
  };
  return {
    id: model.id,
    revision: null,
    source: "catalog",
    files: model.files,
    isWhollyListed: false,
    path: null,
    summary: null,
    findInCatalog: () => model,
    memory: null,
    notes: [],
    readText: unread,
    readRange: unread,
  };
}

/** The repository of exactly this name that is downloaded most. */
async function searchByName(hub: Hub, name: string): Promise<{ id: string; notes: Note[] }> {
  const { requestSearch } = await import("./hub/api.ts");
  const found = await requestSearch(hub, name);
  const exact = found.filter(
    ({ id }) => id.slice(id.lastIndexOf("/") + 1).toLowerCase() === name.toLowerCase(),
  );
  const [first, second] = exact.toSorted((a, b) => b.downloads - a.downloads);
  if (!first)
    throw new LlmSizeError("MODEL_NOT_FOUND", {
      model: name,
      similar: found.slice(0, 3).map(({ id }) => id),
    });
  if (second && second.downloads === first.downloads) {
    const equals = exact.filter(({ downloads }) => downloads === first.downloads);
    throw new LlmSizeError("MODEL_AMBIGUOUS", { model: name, candidates: equals.map(({ id }) => id) });
  }
  const among =
    exact.length === 1 ? "the one model of that name" : `the most downloaded of ${exact.length} of that name`;
  return {
    id: first.id,
    notes: [{ code: "NAME_RESOLVED", message: `${name} is taken as ${first.id}, ${among}` }],
  };
}

/** Worth a line only where the id does not show the name that was typed. */
function describeAlias(typed: string, id: string): Note[] {
  if (id.toLowerCase().split("/").includes(typed.toLowerCase()) || id.toLowerCase() === typed.toLowerCase())
    return [];
  return [{ code: "NAME_RESOLVED", message: `${typed} is taken as ${id}` }];
}

function addNotes(repository: Repository, notes: readonly Note[]): Repository {
  return { ...repository, notes: [...notes, ...repository.notes] };
}
