import { parseLock, type Lock } from "../budget/lock.ts";
import { LlmSizeError } from "../errors.ts";
import { readTextFile } from "../files/text-file.ts";

/** Read a lock file. Throws CONFIG_INVALID where it is missing or cannot be read. */
export async function readLock(file: string, cwd: string): Promise<Lock> {
  const lock = await findLock(file, cwd);
  if (lock) return lock;
  throw new LlmSizeError("CONFIG_INVALID", { file, path: "", problem: "does not exist" });
}

/** Read a lock file; null where there is none. Throws CONFIG_INVALID where it cannot be read. */
export async function findLock(file: string, cwd: string): Promise<Lock | null> {
  const text = await readTextFile(file, cwd);
  return text === null ? null : parseLock(text, file);
}
