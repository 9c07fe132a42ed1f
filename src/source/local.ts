import { open, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { mayBePointer, parseLfsPointer } from "./lfs-pointer.ts";
import { chooseOllamaModel, findOllamaModels, readOllamaModel, type OllamaModel } from "./ollama-store.ts";
import {
  isCommitId,
  sumBytes,
  UNKNOWN_REPOSITORY,
  type Repository,
  type RepositoryFile,
} from "./repository.ts";

/** Return what a path is on this disk; null for nothing. A name without `./` means that, as in transformers. */
export async function findOnDisk(path: string): Promise<"folder" | "file" | null> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory()) return "folder";
  return entry?.isFile() ? "file" : null;
}

/** Open a folder, or one weight file with what lies next to it. Throws PATH_NOT_FOUND. */
export async function openLocalRepository(text: string, path: string): Promise<Repository> {
  const fail = (reason: string) => new LlmSizeError("PATH_NOT_FOUND", { path: text, reason });
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fail(error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`);
  });
  if (!entry.isDirectory() && !entry.isFile()) throw fail("is neither a file nor a folder");
  const isFolder = entry.isDirectory();
  const folder = isFolder ? await findSnapshot(path) : dirname(path);
  const listing = await listFolder(folder, isFolder ? MAX_DEPTH : 0).catch((error: NodeJS.ErrnoException) => {
    throw fail(`cannot be listed (${error.code})`);
  });
  const ollama = isFolder
    ? chooseOllamaModel(text, await findOllamaModels(folder, listing.files))
    : await readOllamaModel(path);
  const files = ollama?.files ?? listing.files;
  const isModel = isFolder || ollama !== null;
  return {
    ...UNKNOWN_REPOSITORY,
    id: text,
    source: "local",
    files,
    isListingCut: isFolder && listing.isCut,
    repositoryBytes: isModel ? sumBytes(files) : null,
    file: isModel ? null : basename(path),
    ...(ollama ? readBlobs(ollama, text) : readFilesIn(folder, text)),
  };
}

/** Return readers of the layers of a model of Ollama. */
function readBlobs({ store, blobs }: OllamaModel, text: string): Pick<Repository, "readText" | "readRange"> {
  const { readText, readRange } = readFilesIn(store, text);
  const locate = (path: string) => blobs.get(path) ?? path;
  return {
    readText: (path, maxBytes) => readText(locate(path), maxBytes),
    readRange: (file, begin, end) => readRange({ ...file, path: locate(file.path) }, begin, end),
  };
}

/** Follow `refs/main` of a model in the Hub's cache; any other folder is its own. */
async function findSnapshot(folder: string): Promise<string> {
  const text = await readFile(join(folder, "refs", "main"), "utf8").catch(() => "");
  const snapshot = join(folder, "snapshots", text.trim());
  return isCommitId(text.trim()) && (await findOnDisk(snapshot)) === "folder" ? snapshot : folder;
}

/** Return readers of files below a folder; `model` is its name in errors. */
export function readFilesIn(folder: string, model: string): Pick<Repository, "readText" | "readRange"> {
  return {
    async readText(name, maxBytes) {
      const file = await stat(join(folder, name)).catch(() => null);
      if (!file?.isFile()) throw new LlmSizeError("FILE_NOT_FOUND", { model, path: name });
      if (file.size > maxBytes) throw malformed(name, `it is longer than ${maxBytes} bytes`);
      return new TextDecoder().decode(await readBytes(name, 0, file.size));
    },
    readRange: (file, begin, end) => readBytes(file.path, begin, end),
  };

  async function readBytes(name: string, begin: number, end: number): Promise<Uint8Array> {
    const handle = await open(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      throw malformed(name, `it cannot be read (${error.code})`);
    });
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(end - begin), 0, end - begin, begin);
      if (bytesRead !== end - begin) throw malformed(name, "it ends early");
      return buffer;
    } finally {
      await handle.close();
    }
  }

  function malformed(name: string, reason: string): LlmSizeError {
    return new LlmSizeError("MALFORMED_WEIGHTS", { model, path: name, reason });
  }
}

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
export async function listFolder(root: string, maxDepth = MAX_DEPTH): Promise<FolderListing> {
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
