import type { RepositoryFile } from "../../source/repository.ts";
import type { PackageFormatName } from "./format-names.ts";

/** Why a unit is not the model of its repository. */
const UNIT_ROLES = [
  "draft",
  "projector",
  "adapter",
  "companion",
  "training",
  "snapshot",
  "support",
  "tokenizer",
] as const;
export type UnitRole = (typeof UNIT_ROLES)[number];

/** Files that are loaded together, found by their names: all shards of a set, a graph and its data, a bundle. */
export interface Unit {
  readonly format: PackageFormatName;
  /** Where it lies, without a last `/`; empty for the root. A bundle lies in the folder around it. */
  readonly folder: string;
  /** Its name without labels, shard number and ending, in lower case. Units of one family share it. */
  readonly stem: string;
  /** The difference from others of its family: `fp16`, `Q4_K_M`; empty for the plain one. */
  readonly label: string;
  readonly files: readonly RepositoryFile[];
  /** How to name it in a reference: its first file, or its bundle. */
  readonly path: string;
  /** An index that states its files: `model.safetensors.index.json`. */
  readonly index: string | null;
  /** Parts that its names promise and the listing lacks, in words. */
  readonly missing: readonly string[];
  readonly role: UnitRole | null;
}

/** Return the folder of a path, without a last `/`; empty for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** Return the last part of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Return the path of a file of a folder. */
export function joinPath(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

export function bytesOfUnit({ files }: Pick<Unit, "files">): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
