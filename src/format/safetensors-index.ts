import { MalformedError } from "./malformed.ts";

/** The largest known index, that of Kimi-K3, takes 60 MB. */
export const MAX_INDEX_BYTES = 100_000_000;

/** More shards than any repository has; DeepSeek-V3 has 163. */
const MAX_SHARDS = 10_000;

/**
 * Reads `model.safetensors.index.json` or `pytorch_model.bin.index.json` and returns the shard names it uses. A name must be a plain file of the
 * same folder: `../x`, `%2e%2e/x`, URLs, drive letters and control characters are refused. Throws MalformedError.
 */
export function parseSafetensorsIndex(text: string): ReadonlySet<string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new MalformedError("it is not JSON");
  }
  const weightMap =
    typeof value === "object" && value !== null && "weight_map" in value ? value.weight_map : null;
  if (typeof weightMap !== "object" || weightMap === null || Array.isArray(weightMap))
    throw new MalformedError("its weight_map is missing");
  const names = new Set<string>();
  for (const name of Object.values(weightMap)) {
    if (typeof name !== "string" || !/^[\w.-]+\.(?:safetensors|bin)$/.test(name) || name.startsWith("."))
      throw new MalformedError(
        `its weight_map names ${JSON.stringify(name)?.slice(0, 100)}, which is not a file name`,
      );
    names.add(name);
    if (names.size > MAX_SHARDS)
      throw new MalformedError(`its weight_map names more than ${MAX_SHARDS} files`);
  }
  if (names.size === 0) throw new MalformedError("its weight_map is empty");
  return names;
}
