/** The part of a repository that choosing a package reads. */
import { isFailure } from "../../errors.ts";
import type { Repository, RepositoryFile } from "../../source/repository.ts";
import { parseConfig, type Config } from "../config.ts";
import { MalformedError } from "../malformed.ts";

export type PackageSource = Pick<
  Repository,
  "id" | "files" | "isListingCut" | "source" | "cached" | "readText" | "readRange"
>;

const MAX_JSON_BYTES = 10_000_000;

/** True for bytes that are not available now: a gate, no network, a file that was not downloaded. */
export function isUnreadable(error: unknown): boolean {
  return (
    isFailure(error, "MODEL_GATED") ||
    isFailure(error, "NOT_AVAILABLE_OFFLINE") ||
    isFailure(error, "FILE_NOT_FOUND")
  );
}

/** Read the first bytes of a file; null where they are not available. */
export async function readStart(
  source: PackageSource,
  file: RepositoryFile,
  count: number,
): Promise<Uint8Array | null> {
  if (file.isLfsPointer) return null;
  try {
    return await source.readRange(file, 0, Math.min(file.bytes, count));
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

/** Read a small JSON file. Throws MalformedError. */
export async function readJson(
  source: Pick<PackageSource, "readText">,
  path: string,
  maxBytes = MAX_JSON_BYTES,
): Promise<unknown> {
  const text = await source.readText(path, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedError("it is not JSON", path);
  }
}

/** Read a config; null where it is not available or is not JSON. */
export async function readPackageConfig(source: PackageSource, path: string): Promise<Config | null> {
  try {
    return parseConfig(await source.readText(path, MAX_JSON_BYTES));
  } catch (error) {
    if (error instanceof SyntaxError || isUnreadable(error)) return null;
    throw error;
  }
}
