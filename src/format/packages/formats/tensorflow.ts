import { buildUnit } from "../build-unit.ts";
import type { Listing } from "../listing.ts";
import type { PackageFormat } from "../package-format.ts";
import { listMissingShards } from "../sets.ts";
import { folderOf, joinPath, nameOf } from "../unit.ts";
import { collectSingleFiles } from "./single-files.ts";

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const collectKeras = collectSingleFiles("h5", "keras");

/** A SavedModel is `saved_model.pb` and all files below `variables`; Keras writes one file. */
export const TENSORFLOW: PackageFormat = {
  isContent: (start) => HDF5.every((byte, index) => start[index] === byte),
  collect: (listing, format) => [
    ...listing
      .free("pb")
      .filter(({ path }) => nameOf(path) === "saved_model.pb")
      .map(({ path }) => {
        const variables = listVariables(listing, folderOf(path));
        const names = ["saved_model.pb", "fingerprint.pb", "keras_metadata.pb"];
        const own = names
          .map((name) => listing.get(joinPath(folderOf(path), name)))
          .filter((file) => file !== undefined);
        // `variables.data-00000-of-00002`: numbers count from 0.
        const missing = listMissingShards(
          variables
            .map((file) => /-(\d{5})-of-(\d{5})$/.exec(file.path))
            .filter((match) => match !== null)
            .map(([, number, count]) => ({ number: Number(number), count: Number(count) })),
          { first: 0, what: "part" },
        );
        return buildUnit({ format, path, files: listing.claim([...own, ...variables]), missing });
      }),
    ...collectKeras(listing, format),
  ],
};

function listVariables(listing: Listing, folder: string) {
  return listing
    .inFolder(joinPath(folder, "variables"))
    .filter(({ path }) => nameOf(path).startsWith("variables."));
}
