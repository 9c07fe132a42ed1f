import { LlmSizeError } from "../errors.ts";
import type { RepositoryFile } from "../source/repository.ts";
import type { WeightFile, WeightFormat } from "./weight-file.ts";

/** Weight files that belong together by their names: one stem, variant and format in one folder. */
export interface WeightSet {
  readonly format: WeightFormat;
  readonly folder: string;
  readonly stem: string;
  readonly variant: string;
  readonly files: readonly WeightFile[];
}

/** Groups files into sets, in the order of their names. */
export function groupWeightSets(files: readonly WeightFile[]): WeightSet[] {
  const sets = new Map<string, WeightFile[]>();
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const { format, folder, stem, variant } = file;
    const key = JSON.stringify([format, folder, stem, variant]);
    const set = sets.get(key);
    if (set) set.push(file);
    else sets.set(key, [file]);
  }
  return [...sets.values()].map((set) => {
    const [{ format, folder, stem, variant }] = set as [WeightFile];
    return { format, folder, stem, variant, files: set };
  });
}

/** Reads the shard names of an index file. */
export type ReadIndex = (path: string) => Promise<ReadonlySet<string>>;

export interface CompleteSet {
  readonly files: readonly RepositoryFile[];
  /** Files that look like shards of this set but belong to no complete one. */
  readonly orphans: readonly RepositoryFile[];
}

/** Formats that keep the graph in one file and its weights in another: `model.onnx` and `model.onnx_data`. */
const IN_PIECES: ReadonlySet<WeightFormat> = new Set(["onnx", "openvino"]);

/** How a set's index is called: `model.safetensors.index.json`, of a variant `model.safetensors.index.fp16.json`. */
const ENDINGS = { safetensors: "safetensors", pytorch: "bin" } as const;

/**
 * The files of a set that a loader reads: the single file, or all shards. Names from 1 to N prove a set whole; else the
 * index says which files make it up (openai/gpt-oss-20b counts from `00000-of-00002`).
 * Throws INCOMPLETE_WEIGHTS where files are missing.
 */
export async function completeSet(
  model: string,
  set: WeightSet,
  listing: ReadonlyMap<string, RepositoryFile>,
  readIndex: ReadIndex,
): Promise<CompleteSet> {
  const shards = set.files.filter(({ shard }) => shard !== null);
  const whole = set.files.filter(({ shard }) => shard === null);
  if (whole.length > 0)
    return { files: IN_PIECES.has(set.format) ? whole : whole.slice(0, 1), orphans: shards };
  if (isWhole(shards)) return { files: shards, orphans: [] };
  const index = indexPaths(set).find((path) => listing.has(path));
  if (index === undefined)
    throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing: missingShards(shards) });
  const prefix = set.folder === "" ? "" : `${set.folder}/`;
  const named = new Set([...(await readIndex(index))].map((name) => prefix + name));
  const missing = [...named].filter((path) => !listing.has(path)).toSorted();
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model, missing });
  const files = [...named]
    .toSorted()
    .map((path) => listing.get(path))
    .filter((file) => file !== undefined);
  return { files, orphans: shards.filter(({ path }) => !named.has(path)) };
}

/** Where the index of a set may stand. */
export function indexPaths({ format, folder, stem, variant }: Omit<WeightSet, "files">): string[] {
  if (format !== "safetensors" && format !== "pytorch") return [];
  const base = `${folder === "" ? "" : `${folder}/`}${stem}.${ENDINGS[format]}`;
  return variant === ""
    ? [`${base}.index.json`]
    : [`${base}.index.${variant}.json`, `${base}.${variant}.index.json`];
}

/** True when the names alone prove the set whole: 1 to N, each once, all of the same N. */
function isWhole(shards: readonly WeightFile[]): boolean {
  const count = shards[0]?.shard?.count;
  const numbers = new Set(shards.map(({ shard }) => shard?.number));
  return (
    count !== undefined &&
    shards.length === count &&
    shards.every(({ shard }) => shard?.count === count) &&
    numbers.size === count &&
    numbers.has(1) &&
    numbers.has(count)
  );
}

function missingShards(shards: readonly WeightFile[]): string[] {
  const count = shards[0]?.shard?.count ?? 0;
  const numbers = new Set(shards.map(({ shard }) => shard?.number));
  const missing = Array.from({ length: Math.min(count, 10_000) }, (_, index) => index + 1).filter(
    (number) => !numbers.has(number),
  );
  if (missing.length === 0 || shards.some(({ shard }) => shard?.count !== count))
    return ["an index that says which shards belong together"];
  return missing.map((number) => `shard ${number} of ${count}`);
}
