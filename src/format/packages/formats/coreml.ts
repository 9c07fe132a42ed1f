import { groupBy } from "../../group-by.ts";
import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";

/** Core ML: `X.mlpackage/` and `X.mlmodelc/` whole, or `X.mlmodel`. */
export const COREML: PackageFormat = {
  collect: (listing, format) =>
    [...groupBy(listing.free(), ({ path }) => findBundle(path))].map(([path, files]) =>
      buildUnit({ format, path, files: listing.claim(files) }),
    ),
  hasParts: true,
};

/** The outermost bundle that a path lies in: `text/X.mlpackage`; a single `.mlmodel` is its own. */
function findBundle(path: string): string | null {
  if (!/\.ml(?:package|modelc|model)/.test(path)) return null;
  const segments = path.split("/");
  const depth = segments.findIndex((segment) => /\.(?:mlpackage|mlmodelc)$/.test(segment));
  if (depth === -1 || depth === segments.length - 1) return path.endsWith(".mlmodel") ? path : null;
  return segments.slice(0, depth + 1).join("/");
}
