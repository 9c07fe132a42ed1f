import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** How a file that is being written ends. */
export const DRAFT_ENDING = ".tmp";

/** Writes a file whole or not at all, also when the process is killed. Throws what the disk says. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${globalThis.crypto.randomUUID()}${DRAFT_ENDING}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, content);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
