import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";

/** Collect graphs with the weights of their name: `.xml` and `.bin`. */
export function collectPairs(
  graph: string,
  weights: string,
  /** `needed` where the graph alone proves nothing: `.xml` and `.param` are used for much. */
  areWeights: "needed" | "optional",
): PackageFormat["collect"] {
  return (listing, format) =>
    listing.free(graph).flatMap((file) => {
      const twin = listing.get(`${file.path.slice(0, -graph.length)}${weights}`);
      const hasTwin = twin !== undefined && listing.isFree(twin.path);
      if (!hasTwin && areWeights === "needed") return [];
      return [buildUnit({ format, path: file.path, files: listing.claim(hasTwin ? [twin, file] : [file]) })];
    });
}
