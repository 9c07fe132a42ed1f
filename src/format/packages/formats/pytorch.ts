import { groupBy } from "../../group-by.ts";
import { UnreadableError } from "../../malformed.ts";
import { buildUnit } from "../build-unit.ts";
import { readFirstMember } from "../magic.ts";
import type { PackageFormat } from "../package-format.ts";
import { folderOf, joinPath, nameOf } from "../unit.ts";
import { collectDeepspeed, isSplitByDeepspeed } from "./deepspeed.ts";
import { addIndexes, completeShards } from "./indexed-shards.ts";
import { collectSingleFiles } from "./single-files.ts";

const collectFiles = collectSingleFiles("bin", "pt", "pth", "ckpt");

/** That of a model of 400 billion parameters has a few megabytes. */
const MAX_METADATA_BYTES = 32_000_000;

export const PYTORCH: PackageFormat = {
  /** A zip, of older versions a pickle of protocol 2 to 5. */
  isContent(start) {
    const [first, protocol = 0] = start;
    return readFirstMember(start) !== null || (first === 0x80 && protocol >= 2 && protocol <= 5);
  },
  collect: (listing, format) => [
    ...collectDistributed(listing, format),
    ...collectRanks(listing, format),
    ...collectDeepspeed(listing, format),
    ...collectDeepspeed(listing, format),
    ...addIndexes(listing, collectFiles(listing, format), format),
  ],
  complete: completeShards,
  reader: {
    isStrict: true,
    listHeaders({ files }) {
      const metadata = files.filter(({ path }) => path.endsWith(".metadata"));
      return metadata.length > 0 ? metadata : files;
    },
    async readHeader(file, part, repository) {
      if (isSplitByDeepspeed(part))
        throw new UnreadableError("DeepSpeed split the weights; zero_to_fp32.py joins them");
      const readRange = (begin: number, end: number) => repository.readRange(file, begin, end);
      if (!file.path.endsWith(".metadata")) {
        const { readTorchTensors } = await import("../../torch/checkpoint.ts");
        return { tensors: (await readTorchTensors(file, readRange)).tensors, config: null };
      }
      if (file.bytes > MAX_METADATA_BYTES) throw new UnreadableError(`its .metadata has ${file.bytes} bytes`);
      const { parseDistributedMetadata } = await import("../../torch/distributed.ts");
      return { tensors: parseDistributedMetadata(await readRange(0, file.bytes)), config: null };
    },
  },
};

/** torch's distributed checkpoints: `.metadata` and all `.distcp` of a folder. */
const collectDistributed: PackageFormat["collect"] = (listing, format) =>
  [...groupBy(listing.free("distcp"), ({ path }) => folderOf(path))].map(([folder, files]) => {
    const metadata = listing.get(joinPath(folder, ".metadata"));
    return buildUnit({
      format,
      path: files[0]?.path ?? folder,
      files: listing.claim([...(metadata ? [metadata] : []), ...files]),
      missing: metadata ? [] : [".metadata"],
    });
  });

/** Meta's tensor-parallel ranks: `consolidated.00.pth`, `consolidated.01.pth` …; all are loaded. */
const collectRanks: PackageFormat["collect"] = (listing, format) => {
  const folders = groupBy(listing.free("pth"), ({ path }) =>
    /^consolidated\.\d{2}\.pth$/.test(nameOf(path)) ? folderOf(path) : null,
  );
  return [...folders].map(([folder, files]) => {
    const numbers = new Set(files.map(({ path }) => Number(path.slice(-"00.pth".length, -".pth".length))));
    const missing = Array.from({ length: Math.max(...numbers) + 1 }, (_, rank) => rank)
      .filter((rank) => !numbers.has(rank))
      .map((rank) => `rank ${rank}`);
    return buildUnit({
      format,
      path: files[0]?.path ?? folder,
      files: listing.claim(files),
      stem: "consolidated",
      label: "",
      missing,
    });
  });
};
