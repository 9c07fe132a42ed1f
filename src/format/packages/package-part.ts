import type { RepositoryFile, WeightHeader } from "../../source/repository.ts";
import type { PackageFormatName } from "./format-names.ts";

/** A part of a model with files of its own: the whole of most models, a component of a pipeline, a graph. */
export interface PackagePart {
  /** Its folder: `unet`, `2_Dense`; empty for the root. */
  readonly folder: string;
  /** The difference from others of its folder: the stem of a graph; empty for the only one. */
  readonly name: string;
  readonly format: PackageFormatName;
  readonly files: readonly RepositoryFile[];
  /** The small file that lists its tensors or shards. */
  readonly index: RepositoryFile | null;
  /** The header of its graph, where choosing had to read it. */
  readonly header: WeightHeader | null;
}
