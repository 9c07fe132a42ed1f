import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import { collectPairs } from "./pairs.ts";

const collectGraphs = collectPairs("pdmodel", "pdiparams", "optional");

/** Newer graphs are a json of the weights' name; `.pdiparams` alone is still weights. */
export const PADDLE: PackageFormat = {
  collect: (listing, format) => [
    ...collectGraphs(listing, format),
    ...listing.free("pdiparams").map((file) => {
      const graph = listing.get(file.path.replace(/\.pdiparams$/, ".json"));
      return buildUnit({ format, path: file.path, files: listing.claim(graph ? [file, graph] : [file]) });
    }),
  ],
};
