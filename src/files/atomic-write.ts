import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** The ending of a file that is being written. */
export const TEMPORARY_ENDING = ".tmp";

/** Write a file completely or not at all, even when the process is killed. Throws the error of the disk. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${globalThis.crypto.randomUUID()}${TEMPORARY_ENDING}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
