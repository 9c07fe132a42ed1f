import type { RepositoryFile } from "../../source/repository.ts";
import { groupBy } from "../group-by.ts";
import { folderOf } from "./unit.ts";

/** The files of a repository, while formats claim those that are theirs. Every file is claimed at most once. */
export interface Listing {
  /** In the order of their paths. */
  readonly files: readonly RepositoryFile[];
  get(path: string): RepositoryFile | undefined;
  /** The files of a folder, without those of folders in it. */
  inFolder(folder: string): readonly RepositoryFile[];
  /** Files that no format has claimed, of these endings (`onnx`, in lower case; empty for none); all where none is given. */
  free(...endings: readonly string[]): RepositoryFile[];
  isFree(path: string): boolean;
  /** Claim those of some files that are free, and return them. */
  claim(files: readonly RepositoryFile[]): RepositoryFile[];
}

/** Build a listing; of two entries with one path the first counts. */
export function createListing(files: readonly RepositoryFile[]): Listing {
  const byPath = new Map<string, RepositoryFile>();
  for (const file of files) if (!byPath.has(file.path)) byPath.set(file.path, file);
  const sorted = [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const byFolder = groupBy(sorted, ({ path }) => folderOf(path));
  const byEnding = groupBy(sorted, ({ path }) => endingOf(path));
  const claimed = new Set<string>();
  return {
    files: sorted,
    get: (path) => byPath.get(path),
    inFolder: (folder) => byFolder.get(folder) ?? [],
    free: (...endings) =>
      (endings.length === 0 ? sorted : endings.flatMap((ending) => byEnding.get(ending) ?? [])).filter(
        ({ path }) => !claimed.has(path),
      ),
    isFree: (path) => byPath.has(path) && !claimed.has(path),
    claim(wanted) {
      const taken = wanted.filter(({ path }) => !claimed.has(path));
      for (const { path } of taken) claimed.add(path);
      return taken;
    },
  };
}

function endingOf(path: string): string {
  const dot = path.lastIndexOf(".");
  return dot > path.lastIndexOf("/") ? path.slice(dot + 1).toLowerCase() : "";
}
