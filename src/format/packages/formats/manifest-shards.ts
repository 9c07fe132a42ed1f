/** MLC and TensorFlow.js: an index in JSON lists the shards. */
import { LlmSizeError } from "../../../errors.ts";
import { groupBy } from "../../group-by.ts";
import { MalformedError } from "../../malformed.ts";
import { MAX_INDEX_BYTES } from "../../safetensors-index.ts";
import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import { readJson } from "../package-source.ts";
import { folderOf, joinPath, nameOf } from "../unit.ts";

interface ManifestShards {
  /** Names of the index, the newest first. */
  readonly indexes: readonly string[];
  /** All files that its names may mean, until it is read. */
  readonly shard: RegExp;
  /** True where loaders download the index with the shards, and shards without it are of another format. */
  readonly isGraph: boolean;
  /** List the shards that a parsed index names. */
  listShards(manifest: unknown): readonly unknown[];
}

export function describeManifestShards({
  indexes,
  shard,
  isGraph,
  listShards,
}: ManifestShards): Required<Pick<PackageFormat, "collect" | "complete">> {
  return {
    collect(listing, format) {
      const folders = groupBy(listing.free("bin", ""), ({ path }) =>
        shard.test(nameOf(path)) ? folderOf(path) : null,
      );
      return [...folders].flatMap(([folder, shards]) => {
        const index = indexes
          .map((name) => listing.get(joinPath(folder, name)))
          .find((file) => file !== undefined);
        if (!index && isGraph) return [];
        return [
          buildUnit({
            format,
            path: index?.path ?? shards[0]?.path ?? "",
            files: listing.claim(index && isGraph ? [index, ...shards] : shards),
            stem: "model",
            label: "",
            index: index?.path ?? null,
            missing: index ? [] : [indexes[0] ?? "an index"],
          }),
        ];
      });
    },
    async complete(unit, { source, listing }) {
      const fail = (missing: readonly string[]) =>
        new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
      const { index } = unit;
      if (index === null) throw fail(unit.missing);
      const shards = listShards(await readJson(source, index, MAX_INDEX_BYTES));
      // A name may carry a query.
      const names = new Set(
        shards.filter((name) => typeof name === "string").map((name) => name.replace(/\?.*$/s, "")),
      );
      if (names.size === 0) throw new MalformedError("it lists no files", index);
      const paths = [...names].map((name) => joinPath(folderOf(index), name));
      const missing = paths.filter((path) => listing.get(path) === undefined);
      if (missing.length > 0) throw fail(missing);
      const files = [...(isGraph ? [index] : []), ...paths]
        .map((path) => listing.get(path))
        .filter((file) => file !== undefined);
      return { unit, files, orphans: [], header: null, doubts: [] };
    },
  };
}
