/** The places that models come from. */
import type { LlmSizeError } from "../errors.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Cache } from "./cache/cache.ts";
import type { Hub } from "./hub/hub.ts";
import type { Reference } from "./reference.ts";
import type { Repository } from "./repository.ts";
import type { System } from "./settings.ts";

export interface Sources {
  readonly hub: Hub;
  /** List the places where a reference may lead, the best first. */
  readonly listCandidates: (reference: Reference, sources: Sources) => Promise<readonly Candidate[]>;
  /** Null where nothing is cached. */
  readonly cache: Cache | null;
  /** Return the result of a model of the catalog in the same settings; null without it. Not where it would cost a download. */
  readonly findCatalogResult?: (id: string, settings: string) => Promise<JsonObject | null>;
  /** Return the connection to Ollama's registry, and its part of the cache. It never has the Hub's token. */
  readonly connectRegistry: () => Promise<Connection>;
  /** Wait until everything is cached. */
  readonly flush: () => Promise<void>;
  readonly system: System;
  /** The revision of references that do not name one; null for the newest. */
  readonly revision: string | null;
  /** True for references that were read from a stranger's file: they never lead to a folder of this disk. */
  readonly ignoresFolders?: boolean;
  /** True where the figures decide a gate: then a name that only a search finds is refused. */
  readonly isGate?: boolean;
}

/** A Hub or a registry, and its part of the cache. */
export type Connection = Pick<Sources, "hub" | "cache">;

/** Open a model in one place, where `failure` is why a better place failed; null when it is not there. */
export type Candidate = (failure: LlmSizeError | null) => Promise<Repository | null>;
