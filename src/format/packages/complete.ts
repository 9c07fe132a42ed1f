/** Which files a loader reads of a unit, where its names do not tell: an index, a graph and its data. */
import { isObject } from "../../contract/json.ts";
import { isFailure, LlmSizeError } from "../../errors.ts";
import type { Repository, RepositoryFile, WeightHeader } from "../../source/repository.ts";
import { inFile, MalformedError } from "../malformed.ts";
import { readOnnxGraph } from "../onnx/read-graph.ts";
import { MAX_INDEX_BYTES, parseSafetensorsIndex } from "../safetensors-index.ts";
import { listNames, type PackageDoubt } from "./doubt.ts";
import type { Listing } from "./listing.ts";
import { findGraphData } from "./onnx.ts";
import { folderOf, joinPath, type Unit } from "./unit.ts";

/** The part of a repository that choosing needs. */
export type PackageSource = Pick<
  Repository,
  "id" | "files" | "isListingCut" | "source" | "cached" | "readText" | "readRange"
>;

export interface CompleteUnit {
  readonly unit: Unit;
  readonly files: readonly RepositoryFile[];
  /** Files that look like its shards and belong to no set. */
  readonly orphans: readonly RepositoryFile[];
  /** The header of its graph, where that had to be read to know its files. */
  readonly header: WeightHeader | null;
  readonly doubts: readonly PackageDoubt[];
}

interface Context {
  readonly source: PackageSource;
  readonly listing: Listing;
  /** All units of the repository. */
  readonly units: readonly Unit[];
}

/** Find the files of a unit. Throws INCOMPLETE_WEIGHTS where some are missing, and MalformedError. */
export async function completeUnit(unit: Unit, context: Context): Promise<CompleteUnit> {
  const whole = { unit, files: unit.files, orphans: [], header: null, doubts: [] };
  switch (unit.format) {
    case "safetensors":
    case "pytorch":
      return needsIndex(unit, context)
        ? completeByIndex(unit, context)
        : requireWhole({ ...whole, orphans: listOrphans(unit, context) }, context);
    case "mlc":
    case "tfjs":
      return completeByManifest(unit, context);
    case "onnx":
      return completeGraph(unit, context);
    default:
      return requireWhole(whole, context);
  }
}

function requireWhole(whole: CompleteUnit, { source }: Context): CompleteUnit {
  const { missing } = whole.unit;
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  return whole;
}

/** Shards next to a single file of the same name: a loader takes the file. */
function listOrphans(unit: Unit, { units }: Context): RepositoryFile[] {
  return units
    .filter(
      (other) =>
        other !== unit &&
        other.format === unit.format &&
        other.folder === unit.folder &&
        other.stem === unit.stem &&
        other.label === unit.label &&
        SHARDED.test(other.path),
    )
    .flatMap(({ files }) => [...files]);
}

const SHARDED = /[-_]\d{5,6}-of-\d{5,6}\./;

/** Names from 1 to N prove a set whole, unless other files next to it could belong to it as well. */
function needsIndex(unit: Unit, { units }: Context): boolean {
  if (unit.index === null) return false;
  if (unit.files.length === 0 || unit.missing.length > 0) return true;
  return units.some(
    (other) => other !== unit && other.format === unit.format && other.folder === unit.folder,
  );
}

async function completeByIndex(unit: Unit, context: Context): Promise<CompleteUnit> {
  const { source, listing } = context;
  const index = unit.index ?? "";
  const names = await readIndex(source, index);
  const paths = [...names].map((name) => joinPath(folderOf(index), name)).toSorted();
  const missing = paths.filter((path) => listing.get(path) === undefined);
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  const named = new Set(paths);
  const files = paths.map((path) => listing.get(path)).filter((file) => file !== undefined);
  const orphans = [...unit.files, ...listOrphans(unit, context)].filter(({ path }) => !named.has(path));
  return { unit, files, orphans, header: null, doubts: [] };
}

async function readIndex(source: PackageSource, path: string): Promise<ReadonlySet<string>> {
  const text = await source.readText(path, MAX_INDEX_BYTES);
  return inFile(path, () => parseSafetensorsIndex(text));
}

/** MLC's `records[].dataPath`, TensorFlow.js's `weightsManifest[].paths[]`. */
async function completeByManifest(unit: Unit, { source, listing }: Context): Promise<CompleteUnit> {
  if (unit.index === null)
    throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing: unit.missing });
  const index = unit.index;
  const manifest = await readJson(source, index, MAX_INDEX_BYTES);
  const names = unit.format === "mlc" ? listMlcShards(manifest) : listTfjsShards(manifest);
  if (names.size === 0) throw new MalformedError("it lists no files", index);
  const files: RepositoryFile[] =
    unit.format === "tfjs" ? unit.files.filter(({ path }) => path === index) : [];
  const missing: string[] = [];
  for (const name of names) {
    const file = listing.get(joinPath(folderOf(index), name));
    if (file) files.push(file);
    else missing.push(name);
  }
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  return { unit, files, orphans: [], header: null, doubts: [] };
}

function listMlcShards(manifest: unknown): Set<string> {
  const records = isObject(manifest) ? manifest["records"] : null;
  const paths = Array.isArray(records)
    ? records.map((record) => (isObject(record) ? record["dataPath"] : null))
    : [];
  return collectNames(paths);
}

function listTfjsShards(manifest: unknown): Set<string> {
  const groups = isObject(manifest) ? manifest["weightsManifest"] : null;
  const paths = Array.isArray(groups) ? groups.map((group) => (isObject(group) ? group["paths"] : null)) : [];
  return collectNames(paths.flat());
}

/** A name may carry a query. */
function collectNames(paths: readonly unknown[]): Set<string> {
  return new Set(paths.filter((path) => typeof path === "string").map((path) => path.replace(/\?.*$/s, "")));
}

/** A graph names its data; what cannot be read leaves the names, and a doubt where other files may be its data. */
async function completeGraph(unit: Unit, { source, listing }: Context): Promise<CompleteUnit> {
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

/** True for bytes that are not to be had now: a gate, no network, a file that was not downloaded. */
export function isUnreadable(error: unknown): boolean {
  return (
    isFailure(error, "MODEL_GATED") ||
    isFailure(error, "NOT_AVAILABLE_OFFLINE") ||
    isFailure(error, "FILE_NOT_FOUND")
  );
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

/** Read a small JSON file. Throws MalformedError. */
export async function readJson(source: PackageSource, path: string, maxBytes = 10_000_000): Promise<unknown> {
  const text = await source.readText(path, maxBytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedError("it is not JSON", path);
  }
}
