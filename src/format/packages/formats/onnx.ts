import type { RepositoryFile } from "../../../source/repository.ts";
import { UnreadableError } from "../../malformed.ts";
import { buildUnit } from "../build-unit.ts";
import type { Listing } from "../listing.ts";
import type { PackageFormat } from "../package-format.ts";

/** transformers.js refuses more (MAX_EXTERNAL_DATA_CHUNKS). */
const MAX_DATA_FILES = 100;

/** A graph and the data that goes by its name; what else it needs is stated in the graph alone. */
export const ONNX: PackageFormat = {
  /** Protobuf: a small version of the format, then the producer, the domain or the graph. */
  isContent: ([first, version = 0, field = 0]) =>
    first === 0x08 && version > 0 && version < 0x20 && [0x12, 0x1a, 0x3a, 0x42].includes(field),
  collect: (listing, format) =>
    listing.claim(listing.free("onnx")).map((graph) =>
      buildUnit({
        format,
        path: graph.path,
        files: [graph, ...listing.claim(findDataByName(listing, graph.path))],
      }),
    ),
  complete: async (unit, context) => (await import("./onnx-graph.ts")).completeGraph(unit, context),
  hasParts: true,
  reader: {
    listHeaders: ({ files }) => files.slice(0, 1),
    async readHeader(_, { header }) {
      if (!header) throw new UnreadableError("its graph is not read");
      return header;
    },
  },
};

function findDataByName(listing: Listing, path: string): RepositoryFile[] {
  const stem = path.slice(0, -".onnx".length);
  const names = [`${path}_data`, `${path}.data`, `${path}.weights`, `${stem}.data`, `${stem}.weights`];
  const files = names.map((name) => listing.get(name)).filter((file) => file !== undefined);
  for (let part = 1; part < MAX_DATA_FILES; part++) {
    const file = listing.get(`${path}_data_${part}`);
    if (!file) break;
    files.push(file);
  }
  return files;
}
