/** Text files on this disk. Relative paths start at the working directory `cwd`. */
import { appendFile, lstat, mkdir, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LlmSizeError } from "../errors.ts";
import { writeAtomic } from "./atomic-write.ts";

/** Return the encoding that a byte-order mark stands for. Windows tools write UTF-16. */
export function detectEncoding(start: Uint8Array): "utf-16le" | "utf-16be" | "utf-8" {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** Decode UTF-8 or UTF-16, and drop the byte-order mark. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(detectEncoding(bytes)).decode(bytes);
}

/** Read the text of a file; null when it does not exist. Throws CONFIG_INVALID when it cannot be read. */
export async function readTextFile(path: string, cwd: string): Promise<string | null> {
  try {
    return decodeText(await readFile(resolve(cwd, path)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new LlmSizeError("CONFIG_INVALID", { file: path, path: "", problem: `cannot be read (${code})` });
  }
}

/** Write a file completely or not at all; a pipe or a device is written to. Throws USAGE when that fails. */
export async function writeTextFile(path: string, cwd: string, text: string): Promise<void> {
  const typed = resolve(cwd, path);
  const target = await realpath(typed).catch(() => typed);
  const existing = await stat(target).catch(() => null);
  const write = existing?.isFile() === false ? writeFile : writeAtomic;
  await write(target, text).catch(({ code }: NodeJS.ErrnoException) => {
    throw refuseWriting(path, code);
  });
}

function refuseWriting(path: string, code: string | undefined): LlmSizeError {
  return new LlmSizeError("USAGE", {
    message: `${path} cannot be written (${code})`,
    hint: "check the path",
  });
}

/** Throws USAGE where a file, a folder or a link of that name is there. */
export async function refuseExisting(path: string, cwd: string): Promise<void> {
  if (await lstat(resolve(cwd, path)).catch(() => null)) throw alreadyExists(path);
}

function alreadyExists(path: string): LlmSizeError {
  return new LlmSizeError("USAGE", { message: `${path} already exists`, hint: "--force overwrites it" });
}

/** Write a file that is not there yet, completely or not at all. Throws USAGE where it is, or cannot be written. */
export async function createTextFile(path: string, cwd: string, text: string): Promise<void> {
  const target = resolve(cwd, path);
  await mkdir(dirname(target), { recursive: true }).catch(({ code }: NodeJS.ErrnoException) => {
    throw refuseWriting(path, code);
  });
  await writeFile(target, "", { flag: "wx" }).catch(({ code }: NodeJS.ErrnoException) => {
    throw code === "EEXIST" ? alreadyExists(path) : refuseWriting(path, code);
  });
  await writeTextFile(path, cwd, text).catch(async (error: unknown) => {
    await rm(target, { force: true });
    throw error;
  });
}

/**
 * Append to a file that others write to as well, such as GitHub's step summary. Return the code of the disk's error; null
 * when it is written.
 */
export async function appendTextFile(path: string, cwd: string, text: string): Promise<string | null> {
  try {
    await appendFile(resolve(cwd, path), text);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
