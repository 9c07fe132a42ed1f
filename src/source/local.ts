import { open, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { findSnapshot } from "./hub-cache-folder.ts";
import { listFolder } from "./list-folder.ts";
import {
  blobPath,
  chooseOllamaModel,
  findOllamaModels,
  readOllamaModel,
  type OllamaModel,
} from "./ollama/store.ts";
import { sumBytes, UNKNOWN_REPOSITORY, type Repository } from "./repository.ts";

/** Return what a path is on this disk; null for nothing. A name without `./` means that, as in transformers. */
export async function findOnDisk(path: string): Promise<"folder" | "file" | null> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory()) return "folder";
  return entry?.isFile() ? "file" : null;
}

/** Open a folder, or one weight file with what lies next to it. Throws PATH_NOT_FOUND, and SEVERAL_MODELS. */
export async function openLocalRepository(text: string, path: string): Promise<Repository> {
  const fail = (reason: string) => new LlmSizeError("PATH_NOT_FOUND", { path: text, reason });
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fail(error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`);
  });
  if (!entry.isDirectory() && !entry.isFile()) throw fail("is neither a file nor a folder");
  const isFolder = entry.isDirectory();
  const folder = isFolder ? ((await findSnapshot(text, path)) ?? path) : dirname(path);
  const listing = await listFolder(folder, isFolder ? {} : { maxDepth: 0 }).catch(
    (error: NodeJS.ErrnoException) => {
      throw fail(`cannot be listed (${error.code})`);
    },
  );
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
    isPulledWhole: ollama !== null,
    file: isModel ? null : basename(path),
    ...(ollama ? readBlobs(ollama, text) : readFilesIn(folder, text)),
  };
}

/** Return readers of the layers of a model of Ollama. */
export function readBlobs(
  { store, files }: Pick<OllamaModel, "store" | "files">,
  text: string,
): Pick<Repository, "readText" | "readRange"> {
  const { readText, readRange } = readFilesIn(store, text);
  const locate = (path: string) => blobPath(files.find((file) => file.path === path) ?? { path, bytes: 0 });
  return {
    readText: (path, maxBytes) => readText(locate(path), maxBytes),
    readRange: (file, begin, end) => readRange({ ...file, path: locate(file.path) }, begin, end),
  };
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
