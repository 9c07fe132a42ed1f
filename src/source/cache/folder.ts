import { homedir } from "node:os";
import { join } from "node:path";
import { expandPath, type Environment } from "../settings.ts";

/** Where the cache is: LLM_SIZE_CACHE, else a folder beside those of the Hugging Face tools, on every system. */
export function findCacheFolder(env: Environment): string {
  const own = env["LLM_SIZE_CACHE"]?.trim();
  if (own) return expandPath(own, env);
  const shared = env["XDG_CACHE_HOME"]?.trim();
  return join(shared ? expandPath(shared, env) : join(homedir(), ".cache"), "llm-size");
}
