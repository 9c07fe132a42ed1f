import { startsWith } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { groupSets } from "../sets.ts";
import { nameOf } from "../unit.ts";

const MAGIC = ["lmgg", "tjgg", "fmgg", "algg"].map((magic) => startsWith(magic));

/** whisper.cpp's `ggml-base.bin`, and llama.cpp's files before GGUF. */
export const GGML: PackageFormat = {
  isContent: (start) => MAGIC.some((isMagic) => isMagic(start)),
  collect: (listing, format) =>
    groupSets(
      listing.claim(listing.free("bin").filter(({ path }) => /^(?:for-tests-)?ggml[-_]/.test(nameOf(path)))),
      format,
    ),
};
