/**
 * Parsers of the Hub's answers. Each throws a TypeError for anything else. They are by hand, since a library of schemas is
 * half as large as all that a page has to load.
 */
import { isCount, isObject } from "../../contract/json.ts";
import { isModelId } from "../model-id.ts";
import { isCommitId, isSha256, type HubSummary, type RepositoryFile } from "../repository.ts";

interface ModelInfo {
  readonly id: string;
  readonly sha: string;
  readonly disabled: boolean;
  readonly safetensors: HubSummary | null;
  readonly tags: readonly string[];
  /** `bytes` is missing where a mirror does not know `blobs=true`. */
  readonly siblings: readonly (Omit<RepositoryFile, "bytes"> & { readonly bytes?: number | undefined })[];
}

export function parseModelInfo(answer: unknown): ModelInfo {
  const { id, sha, disabled, safetensors, tags, siblings } = readObject("the answer", answer);
  if (siblings !== undefined && siblings !== null && !Array.isArray(siblings)) throw unexpected("siblings");
  return {
    id: check("id", id, isId),
    sha: check("sha", sha, isCommit),
    disabled: disabled === true,
    safetensors: parseSummary(safetensors),
    tags: Array.isArray(tags) && tags.every((tag) => typeof tag === "string") ? tags : [],
    siblings: (siblings ?? []).map((sibling: unknown, index: number) => {
      const at = `siblings.${index}`;
      const { rfilename, size, blobId, lfs } = readObject(at, sibling);
      const { sha256 } = isObject(lfs) ? lfs : {};
      return {
        path: check(`${at}.rfilename`, rfilename, isFilePath),
        bytes: size === undefined ? undefined : check(`${at}.size`, size, isCount),
        hash: readHash(sha256, blobId),
      };
    }),
  };
}

/** The Hub's totals; null where they are missing or of another form. */
function parseSummary(value: unknown): HubSummary | null {
  const { parameters, total } = isObject(value) ? value : {};
  if (!isCount(total) || !isObject(parameters)) return null;
  const byDtype = Object.entries(parameters).flatMap(([dtype, count]) =>
    isCount(count) ? [[dtype, count]] : [],
  );
  return byDtype.length === Object.keys(parameters).length
    ? { total, byDtype: Object.fromEntries(byDtype) as Record<string, number> }
    : null;
}

/** Parse an entry of a listing; null for a folder. */
export function parseListedFile(entry: unknown): RepositoryFile | null {
  const { type, path, size, oid, lfs } = readObject("the answer", entry);
  if (type !== "file" && type !== "directory") throw unexpected("type");
  const { oid: sha256 } = isObject(lfs) ? lfs : {};
  const file = {
    path: check("path", path, isFilePath),
    bytes: check("size", size, isCount),
    hash: readHash(sha256, oid),
  };
  return type === "file" ? file : null;
}

export function parseFoundModel(entry: unknown): { readonly id: string; readonly downloads: number } {
  const { name, downloads } = readObject("the answer", entry);
  return { id: check("name", name, isId), downloads: check("downloads", downloads, isCount) };
}

/** A hash of Git LFS comes first: its blob is that of the pointer. */
function readHash(sha256: unknown, blob: unknown): string | undefined {
  if (isSha256(sha256)) return sha256;
  return isCommit(blob) ? blob : undefined;
}

function readObject(at: string, value: unknown) {
  if (!isObject(value)) throw unexpected(at);
  return value;
}

function check<Value>(at: string, value: unknown, isExpected: (value: unknown) => value is Value): Value {
  if (!isExpected(value)) throw unexpected(at);
  return value;
}

function unexpected(at: string): TypeError {
  return new TypeError(`${at} is not as expected`);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && isModelId(value);
}

function isCommit(value: unknown): value is string {
  return typeof value === "string" && isCommitId(value);
}

/** True for a path that leads to one file below the root, and that an address can hold. */
function isFilePath(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length <= 4096 &&
    value.isWellFormed() &&
    !value.split("/").some((part) => part === "" || part === "." || part === "..")
  );
}
