import type { Listing } from "./listing.ts";
import { classifyRole } from "./roles.ts";
import { folderOf, nameOf, type Unit } from "./unit.ts";

/** CTranslate2 and faster-whisper: `model.bin` next to its vocabulary. */
export function collectCtranslate2(listing: Listing): Unit[] {
  const files = listing.free("bin").filter(({ path }) => {
    const folder = folderOf(path);
    return (
      nameOf(path) === "model.bin" &&
      listing
        .inFolder(folder)
        .some((file) => /^(?:shared_|source_|target_)?vocabulary\.(?:txt|json)$/.test(nameOf(file.path)))
    );
  });
  return listing.claim(files).map((file) => ({
    format: "ctranslate2",
    folder: folderOf(file.path),
    stem: "model",
    label: "",
    files: [file],
    path: file.path,
    index: null,
    missing: [],
    role: classifyRole(file.path, "ctranslate2"),
  }));
}
