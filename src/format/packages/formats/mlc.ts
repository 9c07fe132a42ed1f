import { isObject } from "../../../contract/json.ts";
import type { PackageFormat } from "../package-format.ts";
import { readJson } from "../package-source.ts";
import { joinPath } from "../unit.ts";
import { describeManifestShards } from "./manifest-shards.ts";

const CONFIG = "mlc-chat-config.json";

export const MLC: PackageFormat = {
  ...describeManifestShards({
    indexes: ["tensor-cache.json", "ndarray-cache.json"],
    shard: /^params_shard_\d+\.bin$/,
    isGraph: false,
    listShards(manifest) {
      const records = isObject(manifest) ? manifest["records"] : null;
      return Array.isArray(records)
        ? records.map((record) => (isObject(record) ? record["dataPath"] : null))
        : [];
    },
  }),
  reader: {
    listHeaders: ({ index }) => (index ? [index] : []),
    async readHeader(file, { folder }, repository) {
      const { parseMlcBits, parseMlcTensors } = await import("../../mlc.ts");
      const path = joinPath(folder, CONFIG);
      const config = repository.files.some((one) => one.path === path)
        ? await readJson(repository, path)
        : null;
      const bits = parseMlcBits(isObject(config) ? config["quantization"] : null);
      return {
        tensors: parseMlcTensors(await readJson(repository, file.path, file.bytes), bits),
        config: null,
      };
    },
  },
};
