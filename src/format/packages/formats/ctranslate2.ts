import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import { folderOf, nameOf } from "../unit.ts";

const VOCABULARY = /^(?:shared_|source_|target_)?vocabulary\.(?:txt|json)$/;

/** CTranslate2 and faster-whisper: `model.bin` next to its vocabulary. */
export const CTRANSLATE2: PackageFormat = {
  /** A version of at most 6, then the length of the name of a specification, which ends with a zero. */
  isContent(start) {
    const [version = 0, , , , length = 0, high = 1] = start;
    if (version < 1 || version > 6 || high !== 0 || length < 5 || length > 60 || start[5 + length] !== 0)
      return false;
    return start.subarray(6, 5 + length).every((byte) => byte > 0x20 && byte < 0x7f);
  },
  collect: (listing, format) =>
    listing
      .claim(
        listing
          .free("bin")
          .filter(
            ({ path }) =>
              nameOf(path) === "model.bin" &&
              listing.inFolder(folderOf(path)).some((file) => VOCABULARY.test(nameOf(file.path))),
          ),
      )
      .map((file) => buildUnit({ format, path: file.path, files: [file] })),
};
