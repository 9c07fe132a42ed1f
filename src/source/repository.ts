import type { ModelFile } from "../contract/types.ts";
import type { SourceName } from "../contract/terms.ts";
import type { JsonObject } from "../contract/json.ts";
import type { Note } from "../notes.ts";
import type { Tensor } from "./tensor.ts";

/** A model of the Hub, as the user refers to it. */
export interface ModelRef {
  readonly id: string;
  /** Branch, tag or commit; null for the newest. */
  readonly revision: string | null;
  /** The one file that is meant, as by the URL of a file or a folder; null for the model as a whole. */
  readonly file: string | null;
  /** The quantization of `org/name:Q8_0`, as llama.cpp and Ollama write it; null for the usual one. */
  readonly label: string | null;
}

export interface RepositoryFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly bytes: number;
  /** What its content hashes to: the id of its git blob in 40 hex digits, or for Git LFS its SHA-256 in 64. */
  readonly hash?: string | undefined;
  /** True for a Git LFS pointer on this disk: `bytes` is the size of the real file. */
  readonly isLfsPointer?: true;
}

/** Build a file as documents have it. */
export function buildFile({ path, bytes, hash }: RepositoryFile): ModelFile {
  return { path, bytes, sha256: isSha256(hash) ? hash : null };
}

/** Return true for a SHA-256 in hex. */
export function isSha256(value: unknown): value is string {
  return typeof value === "string" && /^[\da-f]{64}$/.test(value);
}

/** The Hub's own totals of a model, by stored dtype. */
export interface HubSummary {
  readonly total: number;
  readonly byDtype: Readonly<Record<string, number>>;
}

/** The header of one weight file. */
export interface WeightHeader {
  readonly tensors: readonly Tensor[];
  /** The model's config in the keys of config.json, where the format stores one (GGUF). */
  readonly config: JsonObject | null;
}

/** A model of the built-in catalog, as its checkpoint's headers would describe it. */
export interface CatalogModel {
  readonly id: string;
  /** The keys of its config.json that this program reads. */
  readonly config: JsonObject;
  readonly tensors: readonly Tensor[];
  /** Unique logical weights. */
  readonly parameters: number;
  /** The Hub's own total, or null. For Gemma 4 it counts the tied head again, which is not stored. */
  readonly publishedTotal: number | null;
  /** The real safetensors files: all of them, or none. */
  readonly files: readonly RepositoryFile[];
}

/** Results of one model at one commit: from earlier runs of the very same code, and for the next. */
interface Results {
  /** Return the result of a run with the same settings; null without one. */
  find(settings: string): Promise<JsonObject | null>;
  /** Pass a result to the cache, which writes it in the background. */
  keep(settings: string, result: JsonObject): Promise<void>;
}

/** The cached data of one model at one commit: from earlier runs, and for the next. */
export interface CacheRecord {
  readonly results: Results;
  text(path: string): Promise<string | undefined>;
  header(path: string): Promise<WeightHeader | undefined>;
  addText(path: string, text: string): void;
  addHeader(path: string, header: WeightHeader): void;
  /** Pass new data to the cache, which writes it in the background; waits only where the disk falls far behind. */
  save(): Promise<void>;
}

/** A model at one revision: where its bytes come from. */
export interface Repository extends Pick<ModelRef, "file" | "label"> {
  /** The canonical id, or the path as typed. */
  readonly id: string;
  /** The commit, in 40 hex digits, or of Ollama the SHA-256 of the manifest, in 64; null for local files and the catalog. */
  readonly revision: string | null;
  readonly source: SourceName;
  readonly files: readonly RepositoryFile[];
  /** True where there may be more files than are listed. */
  readonly isListingCut?: boolean;
  /** Paths of the files on this disk, where a download may be partial; null where every listed file can be read. */
  readonly downloaded: ReadonlySet<string> | null;
  /** True where a pull fetches every file, as of Ollama, and not the package alone. */
  readonly isPulledWhole?: boolean;
  /** The sum of all files; null where there may be more than are listed. */
  readonly repositoryBytes: number | null;
  readonly summary: HubSummary | null;
  /** The one model that its card names as its base, where this is a conversion or a fine-tune of it; else null. */
  readonly baseModel: string | null;
  /** Return the built-in catalog's entry for this model, or null. */
  readonly findInCatalog: () => Promise<CatalogModel | null>;
  /** How the reference was resolved, where that is not obvious. */
  readonly notes: readonly Note[];
  /** The data that earlier runs read of this commit; null without a cache. */
  readonly cached: CacheRecord | null;
  /** The results of earlier runs; null where none are kept. */
  readonly results: Results | null;
  /** Read the text of a file of at most `maxBytes`. */
  readText(path: string, maxBytes: number): Promise<string>;
  /** Read bytes [begin, end) of a listed file: exactly those, or throw. */
  readRange(file: RepositoryFile, begin: number, end: number): Promise<Uint8Array>;
}

/** The fields of a model that a place knows nothing of. */
export const UNKNOWN_REPOSITORY = {
  revision: null,
  downloaded: null,
  repositoryBytes: null,
  file: null,
  label: null,
  summary: null,
  baseModel: null,
  findInCatalog: async () => null,
  cached: null,
  results: null,
  notes: [],
} as const satisfies Partial<Repository>;

export function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** True for the full id of a commit, which unlike a branch or a tag never changes its meaning. */
export function isCommitId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
