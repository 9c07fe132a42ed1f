import { parseLimit } from "../../budget/limits.ts";
import { LlmSizeError, type ExitCode } from "../../errors.ts";
import { startReport } from "../../api/measure.ts";
import { renderJson } from "../../render/json.ts";
import { formatBytes } from "../../render/units.ts";
import { findCacheFolder } from "../../source/cache/folder.ts";
import {
  CACHE_LIMIT_BYTES,
  clearCache,
  measureCache,
  pruneCache,
  type CacheSize,
} from "../../source/cache/housekeeping.ts";
import type { CacheAction, CacheOptions } from "./cache.ts";
import type { Session } from "../session.ts";

/** Shows the cache, before or after something was removed. */
export async function runCache(
  action: CacheAction,
  options: CacheOptions,
  session: Session,
): Promise<ExitCode> {
  const { maxSize } = options;
  if (maxSize !== undefined && action !== "prune")
    throw new LlmSizeError("USAGE", {
      message: "--max-size says how much prune leaves",
      hint: "llm-size cache prune --max-size 50MB",
    });
  const maxBytes = maxSize === undefined ? CACHE_LIMIT_BYTES : parseLimit(maxSize, "bytes");
  const folder = findCacheFolder(session.env);
  if (folder === null)
    throw new LlmSizeError("USAGE", {
      message: "there is no home folder for a cache to be in",
      hint: "LLM_SIZE_CACHE names another",
    });
  const removed = await remove(action, folder, maxBytes);
  const size = await measureCache(folder);
  const { units } = await session.look(options);
  const text = [
    ...(removed ? [`removed ${describe(removed)}`] : []),
    `${folder}: ${describe(size)}, of at most ${formatBytes(CACHE_LIMIT_BYTES, units)}`,
  ].join("\n");
  session.print(
    options.format === "json"
      ? renderJson({ ...startReport(), cache: { folder, ...size, maxBytes: CACHE_LIMIT_BYTES, removed } })
      : text,
  );
  return 0;

  function describe({ entries, bytes }: CacheSize): string {
    return `${entries} ${entries === 1 ? "model" : "models"} in ${formatBytes(bytes, units)}`;
  }
}

async function remove(action: CacheAction, folder: string, maxBytes: number): Promise<CacheSize | null> {
  switch (action) {
    case "show":
      return null;
    case "prune":
      return pruneCache(folder, maxBytes);
    case "clear":
      return clearCache(folder);
  }
}
