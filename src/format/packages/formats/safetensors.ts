import { readSafetensorsHeader } from "../../safetensors.ts";
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
    readHeader: async (file, _, repository) => ({
      tensors: await readSafetensorsHeader(file, (begin, end) => repository.readRange(file, begin, end)),
      config: null,
    }),
  },
};
