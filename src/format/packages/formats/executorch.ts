import { buildUnit } from "../build-unit.ts";
import { startsWith } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { collectPairs } from "./pairs.ts";

const collectPrograms = collectPairs("pte", "ptd", "optional");

/** A program, and the data of its name; a `.ptd` alone is still weights. */
export const EXECUTORCH: PackageFormat = {
  isContent: (start) => startsWith("ET12", 4)(start) || startsWith("FT01", 4)(start),
  collect: (listing, format) => [
    ...collectPrograms(listing, format),
    ...listing
      .claim(listing.free("ptd"))
      .map((file) => buildUnit({ format, path: file.path, files: [file] })),
  ],
  hasParts: true,
};
