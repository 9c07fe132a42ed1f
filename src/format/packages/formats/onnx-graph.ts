/** The files that an ONNX graph names as its data. */
import { LlmSizeError } from "../../../errors.ts";
import type { RepositoryFile, WeightHeader } from "../../../source/repository.ts";
import { MalformedError } from "../../malformed.ts";
import { readOnnxGraph } from "../../onnx/read-graph.ts";
import { listNames } from "../../../contract/list-names.ts";
import type { PackageDoubt } from "../doubt.ts";
import type { Listing } from "../listing.ts";
import type { CompleteContext, CompleteUnit } from "../package-format.ts";
import { isUnreadable, type PackageSource } from "../package-source.ts";
import { folderOf, joinPath, type Unit } from "../unit.ts";

/** A data file that a graph names, relative to its folder; null for one that the listing lacks or that leads out of it. */
function findGraphData(listing: Listing, graph: string, location: string): RepositoryFile | null {
  if (location.startsWith("/") || location.includes("\\") || location.split("/").includes("..")) return null;
  const plain = location.replace(/^(?:\.\/)+/, "");
  return listing.get(joinPath(folderOf(graph), plain)) ?? null;
}

/** A graph names its data; what cannot be read leaves the names, and a doubt where other files may be its data. */
export async function completeGraph(unit: Unit, { source, listing }: CompleteContext): Promise<CompleteUnit> {
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
  const known = await source.cached?.header(graph.path);
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
