/** Formats of several files that belong together whole: bundles, graphs with weights of the same name, folders. */
import type { RepositoryFile } from "../../source/repository.ts";
import { groupBy } from "../group-by.ts";
import { splitLabels } from "./labels.ts";
import type { Listing } from "./listing.ts";
import type { PackageFormatName } from "./package-format.ts";
import { classifyRole } from "./roles.ts";
import { folderOf, joinPath, nameOf, type Unit } from "./unit.ts";

interface Bundle {
  readonly format: PackageFormatName;
  /** How to name it: the bundle's folder, or its first file. */
  readonly path: string;
  readonly files: readonly RepositoryFile[];
  readonly missing?: readonly string[];
}

/** Build a unit of a bundle; its name without ending has the labels. */
export function buildBundle({ format, path, files, missing = [] }: Bundle): Unit {
  return {
    format,
    folder: folderOf(path),
    ...splitLabels(nameOf(path).replace(/\.[^.]+$/, ""), format),
    files,
    path,
    index: null,
    missing,
    role: classifyRole(path, format),
  };
}

/** Core ML: `X.mlpackage/` and `X.mlmodelc/` whole, or `X.mlmodel`. */
export function collectCoreml(listing: Listing): Unit[] {
  const bundles = groupBy(listing.free(), ({ path }) => findBundle(path));
  return [...bundles].map(([path, files]) =>
    buildBundle({ format: "coreml", path, files: listing.claim(files) }),
  );
}

/** The outermost bundle that a path lies in: `text/X.mlpackage`; a single `.mlmodel` is its own. */
function findBundle(path: string): string | null {
  if (!/\.ml(?:package|modelc|model)/.test(path)) return null;
  const segments = path.split("/");
  const depth = segments.findIndex((segment) => /\.(?:mlpackage|mlmodelc)$/.test(segment));
  if (depth === -1 || depth === segments.length - 1) return path.endsWith(".mlmodel") ? path : null;
  return segments.slice(0, depth + 1).join("/");
}

/** A graph and the weights of its name: OpenVINO `.xml` and `.bin`, ncnn `.param` and `.bin`, Paddle, ExecuTorch. */
const PAIRS: readonly {
  readonly format: PackageFormatName;
  readonly graph: string;
  readonly weights: readonly string[];
  /** Where the graph alone proves nothing: `.xml` and `.param` are used for much. */
  readonly needsWeights: boolean;
}[] = [
  { format: "openvino", graph: "xml", weights: [".bin"], needsWeights: true },
  { format: "ncnn", graph: "param", weights: [".bin"], needsWeights: true },
  { format: "paddle", graph: "pdmodel", weights: [".pdiparams"], needsWeights: false },
  { format: "executorch", graph: "pte", weights: [".ptd"], needsWeights: false },
];

export function collectPairs(listing: Listing): Unit[] {
  return PAIRS.flatMap(({ format, graph, weights, needsWeights }) =>
    listing.free(graph).flatMap((file) => {
      const stem = file.path.slice(0, -graph.length - 1);
      const twins = weights
        .map((ending) => listing.get(stem + ending))
        .filter((twin) => twin !== undefined && listing.isFree(twin.path))
        .slice(0, 1) as RepositoryFile[];
      if (twins.length === 0 && needsWeights) return [];
      return [buildBundle({ format, path: file.path, files: listing.claim([...twins, file]) })];
    }),
  );
}

/** Paddle's newer graph is a json of the weights' name; `.pdiparams` alone is still weights, as is a lone `.ptd`. */
export function collectLoneWeights(listing: Listing): Unit[] {
  const lone = listing.free("pdiparams", "ptd");
  return lone.map((file) => {
    const graph = listing.get(file.path.replace(/\.pdiparams$/, ".json"));
    const files = listing.claim(graph && graph.path !== file.path ? [file, graph] : [file]);
    const format = file.path.endsWith(".ptd") ? ("executorch" as const) : ("paddle" as const);
    return buildBundle({ format, path: file.path, files });
  });
}

/** TensorFlow's SavedModel: `saved_model.pb` and all files below `variables`. */
export function collectSavedModels(listing: Listing): Unit[] {
  const graphs = listing.free("pb").filter(({ path }) => nameOf(path) === "saved_model.pb");
  return graphs.map((graph) => {
    const folder = folderOf(graph.path);
    const variables = listing
      .inFolder(joinPath(folder, "variables"))
      .filter(({ path }) => nameOf(path).startsWith("variables."));
    const extras = ["fingerprint.pb", "keras_metadata.pb"]
      .map((name) => listing.get(joinPath(folder, name)))
      .filter((file) => file !== undefined);
    return buildBundle({
      format: "tensorflow",
      path: graph.path,
      files: listing.claim([graph, ...extras, ...variables]),
      missing: listMissing(variables.map(({ path }) => /-(\d{5})-of-(\d{5})$/.exec(path))),
    });
  });
}

/** Numbers count from 0. */
function listMissing(matches: readonly (RegExpExecArray | null)[]): string[] {
  const found = matches.filter((match) => match !== null);
  const count = Number(found[0]?.[2] ?? 0);
  const numbers = new Set(found.map((match) => Number(match[1])));
  return Array.from({ length: Math.min(count, 10_000) }, (_, number) => number)
    .filter((number) => !numbers.has(number))
    .map((number) => `part ${number} of ${count}`);
}

/** torch's distributed checkpoints: `.metadata` and all `.distcp` of a folder. */
export function collectDistributed(listing: Listing): Unit[] {
  const folders = groupBy(listing.free("distcp"), ({ path }) => folderOf(path));
  return [...folders].map(([folder, files]) => {
    const metadata = listing.get(joinPath(folder, ".metadata"));
    const path = files[0]?.path ?? folder;
    return buildBundle({
      format: "pytorch",
      path,
      files: listing.claim([...(metadata ? [metadata] : []), ...files]),
      missing: metadata ? [] : [".metadata"],
    });
  });
}

/** TensorRT-LLM: one engine per GPU of a folder. */
export function collectEngines(listing: Listing): Unit[] {
  const ranks = groupBy(listing.free("engine"), ({ path }) =>
    /^rank\d+\.engine$/.test(nameOf(path)) ? folderOf(path) : null,
  );
  const units = [...ranks.values()].map((files) =>
    buildBundle({ format: "tensorrt", path: files[0]?.path ?? "", files: listing.claim(files) }),
  );
  const others = listing.free("engine", "plan", "trt");
  return [
    ...units,
    ...others.map((file) =>
      buildBundle({ format: "tensorrt", path: file.path, files: listing.claim([file]) }),
    ),
  ];
}

/** MLC and TensorFlow.js name their shards in an index; until it is read, these are all that its names may mean. */
const INDEXED: readonly {
  readonly format: PackageFormatName;
  readonly indexes: readonly string[];
  readonly shard: RegExp;
}[] = [
  { format: "mlc", indexes: ["tensor-cache.json", "ndarray-cache.json"], shard: /^params_shard_\d+\.bin$/ },
  { format: "tfjs", indexes: ["model.json"], shard: /^(?:group\d+-shard\d+of\d+|weights?)(?:\.bin)?$/ },
];

export function collectIndexed(listing: Listing): Unit[] {
  return INDEXED.flatMap(({ format, indexes, shard }) => {
    const folders = groupBy(listing.free("bin", ""), ({ path }) =>
      shard.test(nameOf(path)) ? folderOf(path) : null,
    );
    return [...folders].flatMap(([folder, files]) => {
      const index = indexes
        .map((name) => listing.get(joinPath(folder, name)))
        .find((file) => file !== undefined);
      if (!index && format === "tfjs") return [];
      const unit = buildBundle({
        format,
        path: index?.path ?? files[0]?.path ?? "",
        files: listing.claim(index && format === "tfjs" ? [index, ...files] : files),
        missing: index ? [] : [indexes[0] ?? "an index"],
      });
      return [{ ...unit, stem: "model", index: index?.path ?? null }];
    });
  });
}
