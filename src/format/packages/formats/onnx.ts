import { LlmSizeError } from "../../../errors.ts";
import type { RepositoryFile, WeightHeader } from "../../../source/repository.ts";
import { MalformedError, UnreadableError } from "../../malformed.ts";
import { readOnnxGraph } from "../../onnx/read-graph.ts";
import { buildUnit } from "../build-unit.ts";
import { listNames } from "../../../contract/list-names.ts";
import type { PackageDoubt } from "../doubt.ts";
import type { Listing } from "../listing.ts";
import type { CompleteContext, CompleteUnit, PackageFormat } from "../package-format.ts";
import { isUnreadable, type PackageSource } from "../package-source.ts";
import { folderOf, joinPath, type Unit } from "../unit.ts";

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
  complete: completeGraph,
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

/** A data file that a graph names, relative to its folder; null for one that the listing lacks or that leads out of it. */
function findGraphData(listing: Listing, graph: string, location: string): RepositoryFile | null {
  if (location.startsWith("/") || location.includes("\\") || location.split("/").includes("..")) return null;
  const plain = location.replace(/^(?:\.\/)+/, "");
  return listing.get(joinPath(folderOf(graph), plain)) ?? null;
}

/** A graph names its data; what cannot be read leaves the names, and a doubt where other files may be its data. */
async function completeGraph(unit: Unit, { source, listing }: CompleteContext): Promise<CompleteUnit> {
  const [graph] = unit.files;
  if (!graph) return { unit, files: [], orphans: [], header: null, doubts: [] };
  const header = graph.isLfsPointer ? null : await readGraphHeader(source, graph);
  if (header === null)
    return { unit, files: unit.files, orphans: [], header: null, doubts: doubtData(unit, listing) };
  const files = new Map([[graph.path, graph]]);
  const missing: string[] = [];
  for (const location of new Set(header.tensors.map((tensor) => tensor.location))) {
    if (location === undefined) continue;
    const file = findGraphData(listing, graph.path, location);
    if (file) files.set(file.path, file);
    else missing.push(location);
  }
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  // Data by the graph's name is fetched by transformers.js whether or not the graph uses it.
  for (const file of unit.files) files.set(file.path, file);
  return { unit, files: [...files.values()], orphans: [], header, doubts: [] };
}

/** Null where it is behind a gate, not on this disk, or longer than a graph is worth reading. */
async function readGraphHeader(source: PackageSource, graph: RepositoryFile): Promise<WeightHeader | null> {
  const known = source.cached?.header(graph.path);
  if (known) return known;
  try {
    const read = await readOnnxGraph(graph, (begin, end) => source.readRange(graph, begin, end));
    if (read === null) return null;
    const header = { tensors: read.tensors, config: null };
    source.cached?.addHeader(graph.path, header);
    return header;
  } catch (error) {
    if (error instanceof MalformedError || isUnreadable(error)) return null;
    throw error;
  }
}

/** Files of the graph's folder that no format knows may be its data: `weights.pb`, `onnx__MatMul_7812`. */
function doubtData(unit: Unit, listing: Listing): PackageDoubt[] {
  const others = listing
    .inFolder(unit.folder)
    .filter(({ path, bytes }) => listing.isFree(path) && bytes > MAX_SMALL_BYTES);
  if (others.length === 0) return [];
  const names = listNames(others.map(({ path }) => path));
  const message = `${unit.path} could not be read, and ${names} may hold its weights`;
  return [{ code: "DATA_MISSING", message, atMostBytes: null }];
}

/** Configs and tokenizers are rarely larger. */
const MAX_SMALL_BYTES = 50_000_000;
