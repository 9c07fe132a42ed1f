import { isFailure } from "../errors.ts";
import { parseConfig, type Config } from "./config.ts";
import type { Note } from "../notes.ts";
import type { Repository } from "../source/repository.ts";

const MAX_CONFIG_BYTES = 10_000_000;

/**
 * Read config.json. If it is missing or broken, add a note and leave out only what depends on it. If access is gated or
 * the Hub does not answer, throw: a network problem must not change the count.
 */
export async function readConfig(
  repository: Repository,
  folder: string,
): Promise<{ config: Config | null; notes: Note[] }> {
  const path = folder === "" ? "config.json" : `${folder}/config.json`;
  if (repository.source !== "local" && !repository.files.some((file) => file.path === path))
    return absent("CONFIG_MISSING", `there is no ${path}`);
  try {
    return { config: parseConfig(await repository.readText(path, MAX_CONFIG_BYTES)), notes: [] };
  } catch (error) {
    if (error instanceof SyntaxError) return absent("CONFIG_MALFORMED", `${path} cannot be read as JSON`);
    if (isFailure(error, "FILE_NOT_FOUND")) return absent("CONFIG_MISSING", `there is no ${path}`);
    throw error;
  }
}

function absent(code: "CONFIG_MISSING" | "CONFIG_MALFORMED", what: string): { config: null; notes: Note[] } {
  return {
    config: null,
    notes: [{ code, message: `${what}; ties and active experts cannot be told from the headers alone` }],
  };
}
