import type { RepositoryFile } from "../../../source/repository.ts";
import { buildUnit } from "../build-unit.ts";
import type { Listing } from "../listing.ts";
import { startsWith } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { folderOf } from "../unit.ts";

/** A program, and its data: the `.ptd` of its name, or the only one next to the only program. A `.ptd` alone is still weights. */
export const EXECUTORCH: PackageFormat = {
  isContent: (start) => startsWith("ET12", 4)(start) || startsWith("FT01", 4)(start),
  collect: (listing, format) => [
    ...listing
      .free("pte")
      .map((file) =>
        buildUnit({ format, path: file.path, files: listing.claim([...findData(listing, file), file]) }),
      ),
    ...listing
      .claim(listing.free("ptd"))
      .map((file) => buildUnit({ format, path: file.path, files: [file] })),
  ],
  hasParts: true,
};

function findData(listing: Listing, { path }: RepositoryFile): RepositoryFile[] {
  const twin = listing.get(path.replace(/pte$/i, "ptd"));
  if (twin) return [twin];
  const inFolder = (ending: RegExp) =>
    listing.inFolder(folderOf(path)).filter((file) => ending.test(file.path));
  const data = inFolder(/\.ptd$/i);
  return data.length === 1 && inFolder(/\.pte$/i).length === 1 ? data : [];
}
