import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The ending of a file that is being written, after a UUID. */
export const TEMPORARY_ENDING = ".tmp";

/**
 * Write a file completely or not at all, even when the process is killed. With `isPrivate`, only this user can read it and
 * the folders that are made for it. Throws the error of the disk.
 */
export async function writeAtomic(
  path: string,
  content: string | Uint8Array,
  { isPrivate = false }: { readonly isPrivate?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${globalThis.crypto.randomUUID()}${TEMPORARY_ENDING}`;
  try {
    await mkdir(dirname(path), { recursive: true, ...(isPrivate && { mode: 0o700 }) });
    await writeFile(temporary, content, { flag: "wx", ...(isPrivate && { mode: 0o600 }) });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
