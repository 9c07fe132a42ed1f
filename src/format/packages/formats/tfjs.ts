import { isObject } from "../../../contract/json.ts";
import type { PackageFormat } from "../package-format.ts";
import { describeManifestShards } from "./manifest-shards.ts";

export const TFJS: PackageFormat = describeManifestShards({
  indexes: ["model.json"],
  shard: /^(?:group\d+-shard\d+of\d+|weights?)(?:\.bin)?$/,
  isGraph: true,
  listShards(manifest) {
    const groups = isObject(manifest) ? manifest["weightsManifest"] : null;
    return Array.isArray(groups)
      ? groups.flatMap((group): unknown => (isObject(group) ? group["paths"] : null))
      : [];
  },
});
