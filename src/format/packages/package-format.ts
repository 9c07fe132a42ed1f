/** The row of a package format: how it is recognised, which files belong together, how headers are read. */
import type { Repository, RepositoryFile, WeightHeader } from "../../source/repository.ts";
import type { PackageDoubt } from "./doubt.ts";
import type { PackageFormatName } from "./format-names.ts";
import type { Listing } from "./listing.ts";
import type { PackagePart } from "./package-part.ts";
import type { PackageSource } from "./package-source.ts";
import type { Unit } from "./unit.ts";

export interface PackageFormat {
  /** Recognise a file by its first SNIFF_BYTES, whatever its name. */
  isContent?(start: Uint8Array): boolean;
  /** Claim the files of this format, as units of what is loaded together. */
  collect(listing: Listing, format: PackageFormatName): Unit[];
  /** Find the files of a unit where names do not tell. Throws INCOMPLETE_WEIGHTS and MalformedError. */
  complete?(unit: Unit, context: CompleteContext): Promise<CompleteUnit>;
  /** One file or bundle per graph: several of a folder may be the parts of one model. */
  readonly hasParts?: true;
  /** Where it is absent, only the sizes of files are known. */
  readonly reader?: PartReader;
}

interface PartReader {
  /** The files of a part that have headers. */
  listHeaders(part: PackagePart): readonly RepositoryFile[];
  readHeader(file: RepositoryFile, part: PackagePart, repository: Repository): Promise<WeightHeader>;
  /** A broken header is an error, not merely unread. */
  readonly isStrict?: true;
}

export interface CompleteContext {
  readonly source: PackageSource;
  readonly listing: Listing;
  /** All units of the repository. */
  readonly units: readonly Unit[];
}

export interface CompleteUnit {
  readonly unit: Unit;
  readonly files: readonly RepositoryFile[];
  /** Files that look like its shards and belong to no set. */
  readonly orphans: readonly RepositoryFile[];
  /** The header of its graph, where that had to be read to know its files. */
  readonly header: WeightHeader | null;
  readonly doubts: readonly PackageDoubt[];
}
