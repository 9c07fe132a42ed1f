/** Files of one format whose names say that they belong together: all shards of one stem and label of a folder. */
import type { RepositoryFile } from "../../source/repository.ts";
import { groupBy } from "../group-by.ts";
import { buildUnit } from "./build-unit.ts";
import { splitLabels } from "./labels.ts";
import type { PackageFormatName } from "./format-names.ts";
import { folderOf, nameOf, type Unit } from "./unit.ts";

/** `-00001-of-00003`, and BLOOM's `_00001-of-00072`; a label may follow. */
const SHARD = /[-_](\d{5,6})-of-(\d{5,6})(?=$|\.)/;

interface NamedFile {
  readonly file: RepositoryFile;
  readonly stem: string;
  readonly label: string;
  readonly shard: { readonly number: number; readonly count: number } | null;
}

/** Group files of one format by folder, stem and label. A single file and shards of one name are two units. */
export function groupSets(files: readonly RepositoryFile[], format: PackageFormatName): Unit[] {
  const sets = groupBy(
    files.map((file) => parseName(file, format)),
    ({ file, stem, label, shard }) =>
      [folderOf(file.path), stem, label, shard === null ? "" : "shards"].join("\n"),
  );
  // Two single files of one stem and label differ in their ending: `model.bin` and `model.pt`.
  return [...sets.values()].flatMap((set) =>
    set[0]?.shard === null ? set.map((one) => buildSet([one], format)) : [buildSet(set, format)],
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

function buildSet(named: readonly NamedFile[], format: PackageFormatName): Unit {
  const [{ file, stem, label }] = named as readonly [NamedFile];
  const files = named.map((one) => one.file);
  const shards = named.map(({ shard }) => shard).filter((shard) => shard !== null);
  const missing = listMissingShards(shards, { first: 1, what: "shard" });
  return buildUnit({ format, path: file.path, files, stem, label, missing });
}

/** More shards than any model has; a name may claim a hundred thousand. */
const MAX_LISTED = 10_000;

/** List the shards, in words, that numbers and their common count promise and that are not there. */
export function listMissingShards(
  shards: readonly { readonly number: number; readonly count: number }[],
  { first, what }: { readonly first: 0 | 1; readonly what: string },
): string[] {
  const count = shards[0]?.count;
  if (count === undefined) return [];
  if (shards.some((shard) => shard.count !== count))
    return ["an index that says which shards belong together"];
  const numbers = new Set(shards.map(({ number }) => number));
  return Array.from({ length: Math.min(count, MAX_LISTED) }, (_, index) => index + first)
    .filter((number) => !numbers.has(number))
    .map((number) => `${what} ${number} of ${count}`);
}
