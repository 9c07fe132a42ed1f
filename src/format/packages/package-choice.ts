import type { RepositoryFile } from "../../source/repository.ts";
import type { AccountedFile } from "./account.ts";
import type { PackageDoubt } from "./doubt.ts";
import type { PackageFormatName } from "./format-names.ts";
import type { PackagePart } from "./package-part.ts";

/** The package that is measured, and the account of all files. */
export interface PackageChoice {
  readonly format: PackageFormatName;
  /** The difference from its alternatives: `Q4_K_M`, `fp16`; empty for the plain one. */
  readonly label: string;
  readonly parts: readonly PackagePart[];
  /** Other packages of the same model. */
  readonly alternatives: readonly PackageAlternative[];
  /** Every file of the listing once. */
  readonly account: readonly AccountedFile[];
  /** Shards that belong to no set. */
  readonly orphans: readonly RepositoryFile[];
  /** Components that have a config and no weights. */
  readonly absent: readonly string[];
  readonly doubt: PackageDoubt | null;
}

interface PackageAlternative {
  readonly format: PackageFormatName;
  readonly label: string;
  readonly folder: string;
  readonly stem: string;
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly RepositoryFile[];
}

/** List every file of a package. */
export function listFiles({ parts }: Pick<PackageChoice, "parts">): RepositoryFile[] {
  return parts.flatMap(({ files }) => [...files]);
}
