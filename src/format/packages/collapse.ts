/** listing → units: which files are loaded together, by their names. */
import type { RepositoryFile } from "../../source/repository.ts";
import { createListing, type Listing } from "./listing.ts";
import { FORMATS } from "./package-formats.ts";
import type { Unit } from "./unit.ts";

/** Longer paths than any tool writes; they hold no weights that could be named. */
const MAX_PATH_LENGTH = 1_000;

export interface Collapsed {
  readonly units: readonly Unit[];
  readonly listing: Listing;
  /** Files that no format has claimed, in the order of their paths. */
  readonly rest: readonly RepositoryFile[];
}

/** Collapse a listing into units. Each file is in one unit, or in the rest. */
export function collapseListing(files: readonly RepositoryFile[]): Collapsed {
  const listing = createListing(files.filter(isReadable));
  const units = FORMATS.flatMap(([name, { collect }]) => collect(listing, name));
  return { units, listing, rest: [...listing.free(), ...files.filter((file) => !isReadable(file))] };
}

function isReadable({ path }: RepositoryFile): boolean {
  return path.length <= MAX_PATH_LENGTH && !isHidden(path);
}

/** `.cache/huggingface/…`; but `.metadata` belongs to a distributed checkpoint. */
function isHidden(path: string): boolean {
  return path
    .split("/")
    .some((segment) => segment.startsWith(".") && segment !== ".metadata" && segment !== ".");
}

/** List the files that hold weights by their names. */
export function listWeightFiles(files: readonly RepositoryFile[]): ReadonlySet<string> {
  const { units } = collapseListing(files);
  return new Set(units.flatMap((unit) => unit.files.map(({ path }) => path)));
}
