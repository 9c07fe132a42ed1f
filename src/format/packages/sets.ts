/** Files of one format whose names say that they belong together: all shards of one stem and label of a folder. */
import type { RepositoryFile } from "../../source/repository.ts";
import { splitLabels } from "./labels.ts";
import type { Listing } from "./listing.ts";
import type { PackageFormatName } from "./package-format.ts";
import { classifyRole } from "./roles.ts";
import { folderOf, nameOf, type Unit } from "./unit.ts";

/** `-00001-of-00003`, and BLOOM's `_00001-of-00072`; a label may follow. */
const SHARD = /[-_](\d{5,6})-of-(\d{5,6})(?=$|\.)/;

interface NamedFile {
  readonly file: RepositoryFile;
  readonly stem: string;
  readonly label: string;
  readonly shard: { readonly number: number; readonly count: number } | null;
}

/** Claim the free files of some endings, and group them into units. */
export function collectSets(listing: Listing, format: PackageFormatName, endings: readonly string[]): Unit[] {
  return groupSets(listing.claim(listing.free(...endings)), format);
}

/** Group files of one format by folder, stem and label. A single file and shards of one name are two units. */
export function groupSets(files: readonly RepositoryFile[], format: PackageFormatName): Unit[] {
  const sets = new Map<string, NamedFile[]>();
  for (const file of files) {
    const named = parseName(file, format);
    const key = [folderOf(file.path), named.stem, named.label, named.shard === null ? "" : "shards"].join(
      "\n",
    );
    const set = sets.get(key);
    if (set) set.push(named);
    else sets.set(key, [named]);
  }
  // Two single files of one stem and label differ in their ending: `model.bin` and `model.pt`.
  return [...sets.values()].flatMap((set) =>
    set[0]?.shard === null ? set.map((one) => buildUnit([one], format)) : [buildUnit(set, format)],
  );
}

function parseName(file: RepositoryFile, format: PackageFormatName): NamedFile {
  const name = nameOf(file.path).replace(/\.[^.]+$/, "");
  const shard = SHARD.exec(name);
  return {
    file,
    ...splitLabels(name.replace(SHARD, ""), format),
    shard: shard ? { number: Number(shard[1]), count: Number(shard[2]) } : null,
  };
}

function buildUnit(named: readonly NamedFile[], format: PackageFormatName): Unit {
  const [first] = named as readonly [NamedFile];
  const { path } = first.file;
  return {
    format,
    folder: folderOf(path),
    stem: first.stem,
    label: first.label,
    files: named.map(({ file }) => file),
    path,
    index: null,
    missing: listMissingShards(named.map(({ shard }) => shard).filter((shard) => shard !== null)),
    role: classifyRole(path, format),
  };
}

/** More shards than any model has; a name may claim a hundred thousand. */
const MAX_LISTED = 10_000;

function listMissingShards(shards: readonly { readonly number: number; readonly count: number }[]): string[] {
  const count = shards[0]?.count;
  if (count === undefined) return [];
  if (shards.some((shard) => shard.count !== count))
    return ["an index that says which shards belong together"];
  const numbers = new Set(shards.map(({ number }) => number));
  return Array.from({ length: Math.min(count, MAX_LISTED) }, (_, index) => index + 1)
    .filter((number) => !numbers.has(number))
    .map((number) => `shard ${number} of ${count}`);
}
