/** Where a reference leads: the Hub, the built-in catalog, or the disk. */
import { LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import { resolveAlias } from "./catalog/aliases.ts";
import { findCatalogModel } from "./catalog/catalog.ts";
import type { Hub } from "./hub/hub.ts";
import { isFolder, openLocalRepository } from "./local.ts";
import type { Reference } from "./reference.ts";
import type { Repository } from "./repository.ts";
import { expandPath, type Environment } from "./settings.ts";

export interface Sources {
  readonly hub: Hub;
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
  const revision = reference.revision ?? sources.revision;
  const named = reference.kind === "name" ? reference.name : reference.id;
  const whole = reference.kind === "name" || reference.path === null;
  const known = revision === null && whole ? resolveAlias(named) : null;
  const notes = known ? describeAlias(named, known) : [];
  if (sources.hub.settings.offline) {
    if (known) return addNotes(openCatalogRepository(known), notes);
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: named });
  }
  try {
    const { openHubRepository } = await import("./hub/hub-repository.ts");
    const choice = known || reference.kind === "repository" ? null : await searchByName(sources.hub, named);
    const repository = await openHubRepository(
      sources.hub,
      known ?? choice?.id ?? named,
      revision,
      reference.kind === "repository" ? reference.path : null,
    );
    return addNotes(repository, choice?.notes ?? notes);
  } catch (error) {
    if (!known || !(error instanceof LlmSizeError && error.retryable)) throw error;
    const message = `${error.message}; figures from the built-in catalog`;
    return addNotes(openCatalogRepository(known), [...notes, { code: "CATALOG_USED", message }]);
  }
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
    path: null,
    summary: null,
    catalog: model,
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
