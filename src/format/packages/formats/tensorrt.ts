import { isObject } from "../../../contract/json.ts";
import { groupBy } from "../../group-by.ts";
import { buildUnit } from "../build-unit.ts";
import { requireWhole } from "../complete.ts";
import type { PackageFormat } from "../package-format.ts";
import { readJson } from "../package-source.ts";
import { listMissingShards } from "../sets.ts";
import { folderOf, joinPath, nameOf, type Unit } from "../unit.ts";

const RANK = /^rank(\d+)\.engine$/;

/** TensorRT-LLM has one engine per GPU: all `rank<N>.engine` of a folder are one model, as many as its config.json states. */
export const TENSORRT: PackageFormat = {
  collect(listing, format) {
    const engines = groupBy(listing.free("engine", "plan", "trt"), ({ path }) =>
      RANK.test(nameOf(path)) ? `${folderOf(path)}/rank` : path,
    );
    return [...engines.values()].map((files) =>
      buildUnit({
        format,
        path: files[0]?.path ?? "",
        files: listing.claim(files),
        missing: listMissingRanks(files, 0),
      }),
    );
  },
  async complete(unit, context) {
    const path = joinPath(unit.folder, "config.json");
    const isListed = RANK.test(nameOf(unit.path)) && context.listing.get(path) !== undefined;
    const count = isListed ? readWorldSize(await readJson(context.source, path)) : 0;
    return requireWhole({ ...unit, missing: listMissingRanks(unit.files, count) }, context);
  },
};

function listMissingRanks(files: Unit["files"], count: number): string[] {
  const ranks = files.flatMap(({ path }) => RANK.exec(nameOf(path))?.[1] ?? []).map(Number);
  const all = Math.max(count, ...ranks.map((rank) => rank + 1));
  return listMissingShards(
    ranks.map((number) => ({ number, count: all })),
    { first: 0, what: "rank" },
  );
}

/** `pretrained_config.mapping.world_size`: TensorRT-LLM's engine format. */
function readWorldSize(config: unknown): number {
  const pretrained = isObject(config) ? config["pretrained_config"] : null;
  const mapping = isObject(pretrained) ? pretrained["mapping"] : null;
  const size = isObject(mapping) ? mapping["world_size"] : null;
  return typeof size === "number" && Number.isSafeInteger(size) ? size : 0;
}
