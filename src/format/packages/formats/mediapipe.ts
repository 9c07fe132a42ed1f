import { readFirstMember } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { groupSets } from "../sets.ts";
import { nameOf } from "../unit.ts";

/** `gemma-2b-it-gpu-int4.bin`, and bundles for several lengths of the prefill. */
const BIN = /(?:-(?:cpu|gpu)-int[48]|-int[48]-(?:cpu|gpu))\.bin$|_multi-prefill/;

export const MEDIAPIPE: PackageFormat = {
  isContent: (start) => /^TF_LITE_|^TOKENIZER_MODEL|^METADATA$/.test(readFirstMember(start) ?? ""),
  collect: (listing, format) => {
    const bins = listing.free("bin").filter(({ path }) => BIN.test(nameOf(path)));
    return groupSets(listing.claim([...bins, ...listing.free("task")]), format);
  },
};
