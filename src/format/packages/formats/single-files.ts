import type { PackageFormat } from "../package-format.ts";
import { groupSets } from "../sets.ts";

/** Collect all files of some endings: one file, or numbered shards, is a model. */
export function collectSingleFiles(...endings: readonly string[]): PackageFormat["collect"] {
  return (listing, format) => groupSets(listing.claim(listing.free(...endings)), format);
}
