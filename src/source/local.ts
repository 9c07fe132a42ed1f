import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { sumBytes, type Repository, type RepositoryFile } from "./repository.ts";

/** Deeper than any real model folder; keeps the search short if someone passes their home folder. */
const MAX_DEPTH = 4;
const MAX_FILES = 20_000;

/** True for an existing folder. A name without `./` means the folder of that name, as in transformers. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** Open a folder, or one weight file with the config.json next to it. Throws PATH_NOT_FOUND. */
export async function openLocalRepository(text: string, path: string): Promise<Repository> {
  const fail = (reason: string) => new LlmSizeError("PATH_NOT_FOUND", { path: text, reason });
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw fail(error.code === "ENOENT" ? "does not exist" : `cannot be read (${error.code})`);
  });
  if (!entry.isDirectory() && !entry.isFile()) throw fail("is neither a file nor a folder");
  const folder = entry.isDirectory() ? path : dirname(path);
  const files = entry.isDirectory()
    ? await listFolder(path).catch((error: NodeJS.ErrnoException) => {
        throw fail(`cannot be listed (${error.code})`);
      })
    : [{ path: basename(path), bytes: entry.size }];
  return {
    id: text,
    revision: null,
    source: "local",
    files,
    downloaded: null,
    repositoryBytes: sumBytes(files),
    file: entry.isFile() ? basename(path) : null,
    summary: null,
    findInCatalog: () => null,
    cached: null,
    notes: [],
    ...readFilesIn(folder, text),
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

/** List the files below a folder. Links are followed once; hidden folders and node_modules are skipped. */
export async function listFolder(root: string): Promise<RepositoryFile[]> {
  const files: RepositoryFile[] = [];
  const seen = new Set<string>();
  await walk(root, 0);
  return files;

  async function walk(folder: string, depth: number): Promise<void> {
    const real = await realpath(folder);
    if (depth > MAX_DEPTH || seen.has(real)) return;
    seen.add(real);
    for (const { name } of await readdir(folder, { withFileTypes: true })) {
      if (name.startsWith(".") || name === "node_modules" || files.length >= MAX_FILES) continue;
      const path = join(folder, name);
      const entry = await stat(path).catch(() => null); // a broken link
      if (entry?.isDirectory())
        await walk(path, depth + 1).catch(() => {}); // not readable by this user, such as lost+found of a mounted disk
      else if (entry?.isFile())
        files.push({ path: relative(root, path).split(sep).join("/"), bytes: entry.size });
    }
  }
}
