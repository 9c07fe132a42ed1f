import { join } from "node:path";
import { expandPath, findHome, type Environment } from "../settings.ts";

/**
 * Where the cache is: LLM_SIZE_CACHE, else a folder beside those of the Hugging Face tools, on every system. Null
 * without a home: there is no place for one.
 */
export function findCacheFolder(env: Environment): string | null {
  const own = env["LLM_SIZE_CACHE"]?.trim();
  if (own) return expandPath(own, env);
  const shared = env["XDG_CACHE_HOME"]?.trim();
  if (shared) return join(expandPath(shared, env), "llm-size");
  const home = findHome();
  return home === null ? null : join(home, ".cache", "llm-size");
}
