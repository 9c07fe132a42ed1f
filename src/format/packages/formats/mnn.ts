import { buildUnit } from "../build-unit.ts";
import type { PackageFormat } from "../package-format.ts";
import { folderOf, nameOf } from "../unit.ts";

/** A graph and `X.mnn.weight`; a language model also has its embedding: taobao-mnn/Qwen3.5-2B-MNN. */
export const MNN: PackageFormat = {
  collect: (listing, format) =>
    listing.free("mnn").map((graph) => {
      const weights = listing.get(`${graph.path}.weight`);
      const embeddings =
        nameOf(graph.path) === "llm.mnn"
          ? listing
              .inFolder(folderOf(graph.path))
              .filter(({ path }) => /^embeddings_\w+\.bin$/.test(nameOf(path)))
          : [];
      const files = listing.claim([graph, ...(weights ? [weights] : []), ...embeddings]);
      return buildUnit({ format, path: graph.path, files });
    }),
  hasParts: true,
};
