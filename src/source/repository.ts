import type { ListedFile } from "../format/weight-file.ts";
import type { Note } from "../notes.ts";
import type { Memory } from "./cache/record.ts";
import type { CatalogModel } from "./catalog/catalog.ts";
import type { HubSummary } from "../model/summary.ts";

export const SOURCES = ["hub", "cache", "catalog", "local"] as const;
export type SourceName = (typeof SOURCES)[number];

/** A model at one revision: where its bytes come from. */
export interface Repository {
  /** Canonical id, or the path as typed. */
  readonly id: string;
  /** Commit of 40 hex digits; null for local files and the catalog. */
  readonly revision: string | null;
  readonly source: SourceName;
  readonly files: readonly ListedFile[];
  /** Of all its files; null where there may be more than are listed. */
  readonly repositoryBytes: number | null;
  /** The one file that was asked for, as by the URL of a file; null for the model as a whole. */
  readonly path: string | null;
  /** What the Hub says the model has, by stored dtype. */
  readonly summary: HubSummary | null;
  /** Finds the built-in catalog's tensors of this model, if it has them. */
  readonly findInCatalog: () => CatalogModel | null;
  /** How the reference was taken, where that is worth saying. */
  readonly notes: readonly Note[];
  /** What earlier runs read of this very commit; null where nothing is kept. */
  readonly memory: Memory | null;
  /** The text of a file of at most `maxBytes`. */
  readText(path: string, maxBytes: number): Promise<string>;
  /** Bytes [begin, end) of a listed file; exactly those, or an error. */
  readRange(file: ListedFile, begin: number, end: number): Promise<Uint8Array>;
}
