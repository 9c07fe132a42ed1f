import { groupBy } from "../../group-by.ts";
import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import { folderOf, nameOf } from "../unit.ts";

/** TensorRT-LLM has one engine per GPU: all `rank<N>.engine` of a folder are one model. */
export const TENSORRT: PackageFormat = {
  collect(listing, format) {
    const engines = groupBy(listing.free("engine", "plan", "trt"), ({ path }) =>
      /^rank\d+\.engine$/.test(nameOf(path)) ? `${folderOf(path)}/rank` : path,
    );
    return [...engines.values()].map((files) =>
      buildUnit({ format, path: files[0]?.path ?? "", files: listing.claim(files) }),
    );
  },
};
