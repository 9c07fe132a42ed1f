/** The places where a name of Ollama may lead: the registry, the store on this disk, our own cache. */
import { isFailure, LlmSizeError } from "../../errors.ts";
import type { Note } from "../../notes.ts";
import { startRecord } from "../cache/record.ts";
import { suggestModels } from "../catalog/near.ts";
import { readBlobs } from "../local.ts";

import { sumBytes, UNKNOWN_REPOSITORY } from "../repository.ts";
import type { Candidate, Sources } from "../sources.ts";
import { formatOllamaName, type OllamaName } from "./name.ts";
import { entryId, openRegistryEntry, openRegistryModel, recordOptions } from "./registry.ts";
import { findStore, hasBlob, readPulledModel } from "./store.ts";

/** List the places, the best first. Offline, what Ollama has pulled comes first: it is what runs here. */
export function listOllamaPlaces(name: OllamaName, { hub, cache, system }: Sources): readonly Candidate[] {
  const store = findStore(system);
  const model = formatOllamaName(name);

  const openStored: Candidate = async (failure) => {
    const pulled = store === null ? null : await readPulledModel(store, hub.host, name);
    if (!pulled) return null;
    const isThere = await Promise.all(pulled.files.map((file) => hasBlob(pulled.store, file)));
    if (isThere.includes(false)) return null;
    return {
      ...UNKNOWN_REPOSITORY,
      id: model,
      revision: pulled.digest,
      source: "cache",
      files: pulled.files,
      isPulledWhole: true,
      repositoryBytes: sumBytes(pulled.files),
      notes: [
        buildNote("DOWNLOAD_USED", failure, "figures are of the model that Ollama has pulled to this disk"),
      ],
      ...readBlobs(pulled, model),
    };
  };

  const openCached: Candidate = async (failure) => {
    const entry = (await cache?.find(entryId(name), name.tag)) ?? null;
    if (!cache || !entry) return null;
    const cached = startRecord(cache, entry, { ...recordOptions(name), aliases: [], isCached: true });
    const last = `figures are of the manifest ${entry.commit.slice(0, 12)}, the last one seen`;
    return {
      ...openRegistryEntry(hub, name, { entry, source: "cache", cached, store }),
      notes: [buildNote("CACHE_USED", failure, last)],
    };
  };

  const openOnline: Candidate = () =>
    openRegistryModel(hub, name, { cache, store }).catch((error: unknown) => {
      throw isFailure(error, "MODEL_NOT_FOUND") ? suggest("MODEL_NOT_FOUND", error.context) : error;
    });
  const giveUp: Candidate = async (failure) => {
    if (failure) return null;
    throw suggest("NOT_AVAILABLE_OFFLINE", { model });
  };
  if (hub.settings.offline) return [openStored, openCached, giveUp];
  return [openOnline, openStored, openCached];

  /** Name models of the catalog that are called alike, as llama-3.2-1b for llama3.2:1b. */
  function suggest(code: "MODEL_NOT_FOUND" | "NOT_AVAILABLE_OFFLINE", context: { model: string }) {
    const similar = name.namespace === "library" ? suggestModels(`${name.model}-${name.tag}`) : [];
    return new LlmSizeError(code, { ...context, similar });
  }
}

function buildNote(code: Note["code"], failure: LlmSizeError | null, message: string): Note {
  return { code, message: failure?.retryable ? `${failure.message}; ${message}` : message };
}
