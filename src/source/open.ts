/** Find where a reference leads: a folder, the Hub, or, offline and when the Hub does not answer, this disk. */
import { resolve } from "node:path";
import { LlmSizeError } from "../errors.ts";
import type { Note } from "../notes.ts";
import { startRecord } from "./cache/record.ts";
import {
  addNotes,
  openInCatalog,
  openOnHub,
  resolveTarget,
  suggestOthers,
  withFailure,
  type Target,
} from "./candidates.ts";
import { openEntry } from "./hub/hub-repository.ts";
import type { Hub } from "./hub/hub.ts";
import { findOnDisk, openLocalRepository } from "./local.ts";
import type { Reference } from "./reference.ts";
import type { Repository } from "./repository.ts";
import { expandPath, type System } from "./settings.ts";
import type { Candidate, Sources } from "./sources.ts";

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
    (failure) => openInCatalog(target, failure, sources.findCatalogResult),
  ];
  if (!hub.settings.offline) return [() => openOnHub(target, sources), ...onDisk];
  const suggest: Candidate = async (failure) => {
    if (failure) return null;
    throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: text, similar: suggestOthers(target.alias) });
  };
  return [...onDisk, suggest];
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
