/** Checkpoints of shards with an index: safetensors and PyTorch. */
import { LlmSizeError } from "../../../errors.ts";
import { sumBytes, type RepositoryFile } from "../../../source/repository.ts";
import { inFile } from "../../malformed.ts";
import { MAX_INDEX_BYTES, parseSafetensorsIndex } from "../../safetensors-index.ts";
import { buildUnit } from "../build-unit.ts";
import { requireWhole } from "../complete.ts";
import type { PackageFormatName } from "../format-names.ts";
import { splitLabels } from "../labels.ts";
import type { Listing } from "../listing.ts";
import type { CompleteContext, CompleteUnit } from "../package-format.ts";
import { folderOf, joinPath, nameOf, type Unit } from "../unit.ts";

/** `model.safetensors.index.json`, of a variant `model.safetensors.index.fp16.json` or `model.fp16.safetensors.index.json`. */
const INDEX = /^([^/]{1,200})\.(safetensors|bin)\.index(?:\.([\w-]{1,40}))?\.json$/;

/** Give each index to its unit; an index whose files go by other names is a unit of its own. */
export function addIndexes(listing: Listing, units: readonly Unit[], format: PackageFormatName): Unit[] {
  const ending = format === "safetensors" ? "safetensors" : "bin";
  const indexes = new Map<string, string>();
  for (const { path } of listing.free("json")) {
    const match = INDEX.exec(nameOf(path));
    if (match?.[2] !== ending) continue;
    const { stem, label } = splitLabels(`${match[1] ?? ""}${match[3] ? `.${match[3]}` : ""}`, format);
    indexes.set([folderOf(path), stem, label].join("\n"), path);
  }
  if (indexes.size === 0) return [...units];
  const indexed = units.map((unit) => ({ ...unit, index: indexes.get(keyOf(unit)) ?? null }));
  const known = new Set(units.map(keyOf));
  const unnamed = [...indexes]
    .filter(([key]) => !known.has(key))
    .map(([key, index]): Unit => {
      const [folder = "", stem = "", label = ""] = key.split("\n");
      return buildUnit({ format, path: index, folder, stem, label, files: [], index });
    });
  return [...indexed, ...unnamed];
}

function keyOf({ folder, stem, label }: Unit): string {
  return [folder, stem, label].join("\n");
}

/** Find the shards of a unit: by names that prove the set whole, else by its index. */
export async function completeShards(unit: Unit, context: CompleteContext): Promise<CompleteUnit> {
  return needsIndex(unit, context) ? completeByIndex(unit, context) : completeFile(unit, context);
}

/** transformers takes `model.safetensors` where there are shards as well, vLLM what the index lists. */
function completeFile(unit: Unit, context: CompleteContext): CompleteUnit {
  const whole = requireWhole(unit, context);
  const orphans = listOrphans(unit, context);
  const [bytes, orphanBytes] = [sumBytes(unit.files), sumBytes(orphans)];
  if (orphanBytes <= MAX_COPY * bytes) return { ...whole, orphans };
  const message = `${unit.path} is smaller than the shards next to it, which other loaders take`;
  return {
    ...whole,
    orphans,
    doubts: [{ code: "FILES_UNEXPLAINED", message, atMostBytes: bytes + orphanBytes }],
  };
}

/** A copy of the same weights has the same bytes but for its headers. */
const MAX_COPY = 1.01;

/** Shards next to a single file of the same name: a loader takes the file. */
function listOrphans(unit: Unit, { units }: CompleteContext): RepositoryFile[] {
  return units
    .filter(
      (other) =>
        other !== unit &&
        other.format === unit.format &&
        other.folder === unit.folder &&
        other.stem === unit.stem &&
        other.label === unit.label &&
        SHARDED.test(other.path),
    )
    .flatMap(({ files }) => [...files]);
}

const SHARDED = /[-_]\d{5,6}-of-\d{5,6}\./;

/** Names from 1 to N prove a set whole, unless other files next to it could belong to it as well. */
function needsIndex(unit: Unit, { units }: CompleteContext): boolean {
  if (unit.index === null) return false;
  if (unit.files.length === 0 || unit.missing.length > 0) return true;
  return units.some(
    (other) => other !== unit && other.format === unit.format && other.folder === unit.folder,
  );
}

async function completeByIndex(unit: Unit, context: CompleteContext): Promise<CompleteUnit> {
  const { source, listing } = context;
  const index = unit.index ?? "";
  const text = await source.readText(index, MAX_INDEX_BYTES);
  const names = await inFile(index, () => parseSafetensorsIndex(text));
  const paths = [...names].map((name) => joinPath(folderOf(index), name)).toSorted();
  const missing = paths.filter((path) => listing.get(path) === undefined);
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  const named = new Set(paths);
  const files = paths.map((path) => listing.get(path)).filter((file) => file !== undefined);
  const orphans = [...unit.files, ...listOrphans(unit, context)].filter(({ path }) => !named.has(path));
  return { unit, files, orphans, header: null, doubts: [] };
}
