/** Where a reference leads: a folder, the Hub, or, when that is not asked or does not answer, what is on this disk. */
import { LlmSizeError } from "../errors.ts";
import type { Note, NoteCode } from "../notes.ts";
import type { Asked } from "./asked.ts";
import type { Cache } from "./cache/cache.ts";
import { startRecord } from "./cache/record.ts";
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

/** One place where a model may be; it gives null where it has none. `because` is why a better place did not do. */
export type Place = (because: LlmSizeError | null) => Promise<Repository | null>;

/** Where a reference may lead, the best place first. */
export async function listPlaces(reference: Reference, sources: Sources): Promise<readonly Place[]> {
  const { hub, cache, env } = sources;
  if (reference.kind === "path")
    return [() => openLocalRepository(reference.text, expandPath(reference.path, env))];
  if (await isFolder(reference.text)) return [() => openFolder(reference.text)];
  const target = describeTarget(reference, sources);
  const { typed, asked, known } = target;
  const onDisk: Place[] = [
    (because) => openKept(target, sources, because),
    ...[...new Set([asked.id, typed])].map(
      (id): Place =>
        (because) =>
          openDownloaded(target, id, env, because),
    ),
    async (because) => (known ? openCatalogRepository(known, target.notes, because) : null),
  ];
  return hub.settings.offline ? onDisk : [() => openOnHub(target, hub, cache), ...onDisk];
}

async function openFolder(name: string): Promise<Repository> {
  const message = `${name} is read from the folder of that name`;
  return addNotes(await openLocalRepository(name, name), [{ code: "LOCAL_FOLDER", message }]);
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
  hub: Hub,
  cache: Cache | null,
): Promise<Repository> {
  const { openHubRepository } = await import("./hub/hub-repository.ts");
  if (!needsSearch) return addNotes(await openHubRepository(hub, asked, typed, cache), notes);
  const choice = await searchByName(hub, typed);
  return addNotes(await openHubRepository(hub, { ...asked, id: choice.id }, typed, cache), choice.notes);
}

/** Our own cache. What it lacks is not asked for: the Hub is not to be asked, or has just not answered. */
async function openKept(
  { typed, asked, needsSearch, notes }: Target,
  { hub, cache }: Sources,
  because: LlmSizeError | null,
): Promise<Repository | null> {
  const revision = asked.revision ?? "main";
  const kept = (await cache?.find(typed, revision)) ?? (await cache?.find(asked.id, revision));
  if (!cache || !kept) return null;
  const { openEntry } = await import("./hub/hub-repository.ts");
  const silent: Hub = {
    ...hub,
    async request(_, { subject: { model, path } }) {
      throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model, ...(path !== undefined && { path }) });
    },
  };
  const meant = needsSearch ? { ...asked, id: kept.id } : asked;
  const resolved: Note[] = needsSearch
    ? [{ code: "NAME_RESOLVED", message: `${typed} is taken as ${kept.id}, as before` }]
    : [...notes];
  const message = `figures are of commit ${kept.commit.slice(0, 7)}, the last one seen`;
  const used = kept.commit === asked.revision && !because ? [] : [explain("CACHE_USED", message, because)];
  const repository = openEntry(silent, meant, kept, "cache", startRecord(cache, kept, true, []));
  return addNotes(repository, [...resolved, ...used]);
}

async function openDownloaded(
  { asked, notes }: Target,
  id: string,
  env: Environment,
  because: LlmSizeError | null,
): Promise<Repository | null> {
  const { openDownloadedRepository } = await import("./downloaded.ts");
  const repository = await openDownloadedRepository({ ...asked, id }, env);
  if (!repository) return null;
  const message = `figures are of the files on this disk (the Hub's cache, commit ${repository.revision?.slice(0, 7)})`;
  return addNotes(repository, [...notes, explain("DOWNLOAD_USED", message, because)]);
}

/** A place that lacks a file says nothing of why another was left. */
function explain(code: NoteCode, message: string, because: LlmSizeError | null): Note {
  return { code, message: because?.retryable ? `${because.message}; ${message}` : message };
}

/** A model of the built-in catalog, when nothing better can be asked. */
function openCatalogRepository(
  id: string,
  notes: readonly Note[],
  because: LlmSizeError | null,
): Repository | null {
  const model = findCatalogModel(id);
  if (!model) return null;
  const unread = async (): Promise<never> => {
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: model.id });
  };
  return {
    id: model.id,
    revision: null,
    source: "catalog",
    files: model.files,
    downloaded: null,
    repositoryBytes: null,
    path: null,
    summary: null,
    findInCatalog: () => model,
    cached: null,
    notes: because?.retryable
      ? [...notes, explain("CATALOG_USED", "figures from the built-in catalog", because)]
      : notes,
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
