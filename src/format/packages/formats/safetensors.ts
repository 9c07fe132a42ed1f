import { ONE_FILE_READ_BYTES, readSafetensorsHeader, SHARD_READ_BYTES } from "../../safetensors.ts";
import type { ReadRange } from "../../read-range.ts";
import type { PackageFormat } from "../package-format.ts";
import { addIndexes, completeShards } from "./indexed-shards.ts";
import { collectSingleFiles } from "./single-files.ts";

const collectFiles = collectSingleFiles("safetensors");

export const SAFETENSORS: PackageFormat = {
  isContent: (start) => start[8] === 0x7b && start[5] === 0 && start[6] === 0 && start[7] === 0,
  collect: (listing, format) => addIndexes(listing, collectFiles(listing, format), format),
  complete: completeShards,
  reader: {
    isStrict: true,
    listHeaders: ({ files }) => files,
    async readHeader(file, { files }, repository) {
      const readRange: ReadRange = (begin, end) => repository.readRange(file, begin, end);
      const firstReadBytes = files.length === 1 ? ONE_FILE_READ_BYTES : SHARD_READ_BYTES;
      return { tensors: await readSafetensorsHeader(file, readRange, firstReadBytes), config: null };
    },
  },
};
