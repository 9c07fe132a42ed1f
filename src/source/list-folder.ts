/** The files below a folder of this disk. */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { mayBePointer, parseLfsPointer } from "./lfs-pointer.ts";
import type { RepositoryFile } from "./repository.ts";

/** Deeper than any layout of weights, so that a home folder typed by mistake ends soon. */
const MAX_DEPTH = 8;
const MAX_FILES = 20_000;

interface FolderListing {
  readonly files: readonly RepositoryFile[];
  /** True where there is more than was listed. */
  readonly isCut: boolean;
}

/**
 * List the files below a folder, those of the root first, and of each level the smallest folders first. Links are
 * followed once; hidden folders and node_modules are skipped.
 */
export async function listFolder(
  root: string,
  { maxDepth = MAX_DEPTH }: { readonly maxDepth?: number } = {},
): Promise<FolderListing> {
  const files: RepositoryFile[] = [];
  const seen = new Set<string>();
  let isCut = false;
  let level = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return { files, isCut: true };
    const folders: string[] = [];
    const listed = await Promise.all(
      level.map(async (folder) => ({ folder, names: await listNames(folder, seen, folder === root) })),
    );
    for (const { folder, names } of listed.toSorted((a, b) => a.names.length - b.names.length))
      for (const name of names) {
        if (files.length >= MAX_FILES) {
          isCut = true;
          break;
        }
        const path = join(folder, name);
        const entry = await stat(path).catch(() => null); // a broken link
        // A name that is not UTF-8 is read with this character in place of its bytes, and leads nowhere.
        if (entry === null && name.includes("\ufffd")) isCut = true;
        if (entry?.isDirectory()) folders.push(path);
        else if (entry?.isFile())
          files.push(await toFile(path, relative(root, path).split(sep).join("/"), entry.size));
      }
    level = folders.toSorted();
  }
  return { files, isCut };
}

/** The names in a folder; none where it was seen before, or is not readable, as lost+found of a mounted disk. */
async function listNames(folder: string, seen: Set<string>, isRoot: boolean): Promise<string[]> {
  try {
    const real = await realpath(folder);
    if (seen.has(real)) return [];
    seen.add(real);
    const names = await readdir(folder);
    return names
      .filter((name) => (!name.startsWith(".") || name === ".metadata") && name !== "node_modules")
      .toSorted();
  } catch (error) {
    if (isRoot) throw error;
    return [];
  }
}

async function toFile(path: string, name: string, bytes: number): Promise<RepositoryFile> {
  const target = mayBePointer(name, bytes)
    ? parseLfsPointer(await readFile(path, "latin1").catch(() => ""))
    : null;
  return target === null ? { path: name, bytes } : { path: name, bytes: target, isLfsPointer: true };
}
