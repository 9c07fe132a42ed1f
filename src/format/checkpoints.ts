/** Which files of a repository make up one checkpoint. */
import { LlmSizeError } from "../errors.ts";

export interface WeightFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** One complete set of weight files of a model, in one format and precision. */
export interface Checkpoint {
  readonly format: "safetensors";
  readonly files: readonly WeightFile[];
  /** Files that look like shards of this set but are not named by its index. */
  readonly orphans: readonly WeightFile[];
}

/** Asked for only when the shards found are not a complete set. */
export type ReadIndex = (path: string) => Promise<ReadonlySet<string>>;

/** `model-00001-of-00003.safetensors`, and BLOOM's `model_00001-of-00072.safetensors`. */
const SHARD = /^(?<stem>.*?)[-_](?<number>\d{5,6})-of-(?<count>\d{5,6})\.safetensors$/;

/** Most specific first: what transformers loads, then what diffusers and peft load. */
const STEMS = ["model", "diffusion_pytorch_model", "adapter_model", "open_clip_model"] as const;

/**
 * Finds the safetensors checkpoint a loader would take from the root of a repository: `model.safetensors`, or the
 * complete set of its shards, or, where the shards are not complete by their names, the files that the index names
 * (openai/gpt-oss-20b counts from `00000-of-00002`). Null when there is none.
 * Throws INCOMPLETE_WEIGHTS when the index names files that are not there.
 */
export async function findSafetensors(
  model: string,
  files: readonly WeightFile[],
  readIndex: ReadIndex,
): Promise<Checkpoint | null> {
  const root = new Map(files.filter(({ path }) => !path.includes("/")).map((file) => [file.path, file]));
  for (const stem of STEMS) {
    const single = root.get(`${stem}.safetensors`);
    const shards = [...root.values()].filter(({ path }) => SHARD.exec(path)?.groups?.["stem"] === stem);
    const indexPath = `${stem}.safetensors.index.json`;
    if (single) return { format: "safetensors", files: [single], orphans: shards };
    if (isCompleteSet(shards)) return { format: "safetensors", files: sortByPath(shards), orphans: [] };
    if (root.has(indexPath)) return indexedSet(model, root, shards, await readIndex(indexPath));
    if (shards.length > 0)
      throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing: missingShards(shards) });
  }
  // A repository of one file by another name, such as a ComfyUI upload.
  const others = [...root.values()].filter(({ path }) => path.endsWith(".safetensors"));
  return others.length === 1 ? { format: "safetensors", files: others, orphans: [] } : null;
}

function indexedSet(
  model: string,
  root: ReadonlyMap<string, WeightFile>,
  shards: readonly WeightFile[],
  named: ReadonlySet<string>,
): Checkpoint {
  const missing = [...named].filter((path) => !root.has(path));
  if (missing.length > 0)
    throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing: missing.toSorted() });
  const files = [...root.values()].filter(({ path }) => named.has(path));
  return {
    format: "safetensors",
    files: sortByPath(files),
    orphans: shards.filter(({ path }) => !named.has(path)),
  };
}

/** True when the names alone prove the set whole: 1 to N, each once, all of the same N. */
function isCompleteSet(shards: readonly WeightFile[]): boolean {
  const { count, numbers } = readShardNumbers(shards);
  return (
    count !== null &&
    shards.length === count &&
    numbers.size === count &&
    numbers.has(1) &&
    numbers.has(count)
  );
}

function missingShards(shards: readonly WeightFile[]): string[] {
  const { count, numbers } = readShardNumbers(shards);
  if (count === null) return ["an index that says which shards belong together"];
  const missing: string[] = [];
  for (let number = 1; number <= Math.min(count, 99_999); number++)
    if (!numbers.has(number)) missing.push(`shard ${number} of ${count}`);
  return missing;
}

function readShardNumbers(shards: readonly WeightFile[]): { count: number | null; numbers: Set<number> } {
  const groups = shards.map(({ path }) => SHARD.exec(path)?.groups);
  const counts = new Set(groups.map((group) => Number(group?.["count"])));
  return {
    count: counts.size === 1 ? ([...counts][0] ?? null) : null,
    numbers: new Set(groups.map((group) => Number(group?.["number"]))),
  };
}

function sortByPath(files: readonly WeightFile[]): WeightFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
