import type { RepositoryFile } from "../../source/repository.ts";
import { splitLabels } from "./labels.ts";
import type { Listing } from "./listing.ts";
import { classifyRole } from "./roles.ts";
import { folderOf, joinPath, nameOf, type Unit } from "./unit.ts";

/** transformers.js refuses more (MAX_EXTERNAL_DATA_CHUNKS). */
const MAX_DATA_FILES = 100;

/** An ONNX graph and the data that goes by its name; what else it needs is stated in the graph alone. */
export function collectOnnx(listing: Listing): Unit[] {
  const graphs = listing.claim(listing.free("onnx"));
  return graphs.map((graph) => {
    const { stem, label } = splitLabels(nameOf(graph.path).slice(0, -".onnx".length), "onnx");
    return {
      format: "onnx",
      folder: folderOf(graph.path),
      stem,
      label,
      files: [graph, ...listing.claim(findDataByName(listing, graph.path))],
      path: graph.path,
      index: null,
      missing: [],
      role: classifyRole(graph.path, "onnx"),
    };
  });
}

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
export function findGraphData(listing: Listing, graph: string, location: string): RepositoryFile | null {
  if (location.startsWith("/") || location.includes("\\") || location.split("/").includes("..")) return null;
  const plain = location.replace(/^(?:\.\/)+/, "");
  return listing.get(joinPath(folderOf(graph), plain)) ?? null;
}
