import type { RepositoryFacts } from "./choose-repository.ts";
import type { Collapsed } from "./collapse.ts";
import { GENAI_MANIFEST, MODULES_MANIFEST, PIPELINE_MANIFEST } from "./manifests.ts";
import { readJson, readPackageConfig, type PackageSource } from "./package-source.ts";
import { joinPath, nameOf, type Unit } from "./unit.ts";

/** Read the manifests of a repository, or of a folder of it, that decide which units are the model. */
export async function readRepositoryFacts(
  source: PackageSource,
  { units, listing }: Collapsed,
  folder: string,
): Promise<RepositoryFacts> {
  const isListed = (path: string) => listing.get(path) !== undefined;
  const readRoot = async (name: string) => (isListed(name) ? readJson(source, name) : undefined);
  const genaiPaths = [...new Set(units.filter(({ format }) => format === "onnx").map((unit) => unit.folder))]
    .slice(0, MAX_GENAI)
    .map((own) => ({ own, path: joinPath(own, GENAI_MANIFEST) }))
    .filter(({ path }) => isListed(path));
  const [pipeline, modules, genai, config] = await Promise.all([
    folder === "" ? readRoot(PIPELINE_MANIFEST) : undefined,
    folder === "" ? readRoot(MODULES_MANIFEST) : undefined,
    Promise.all(genaiPaths.map(async ({ own, path }) => [own, await readJson(source, path)] as const)),
    needsConfig(units) && isListed("config.json") ? readPackageConfig(source, "config.json") : null,
  ]);
  return {
    name: nameOf(folder === "" ? source.id.replace(/[\\/]+$/, "").replaceAll("\\", "/") : folder),
    listing,
    pipeline,
    modules,
    genai: new Map(genai),
    config,
  };
}

const MAX_GENAI = 50;

/** The table of transformers.js is asked only where `onnx/` may be all there is. */
function needsConfig(units: readonly Unit[]): boolean {
  return (
    units.some(({ folder, format }) => folder === "onnx" && format === "onnx") &&
    !units.some(({ folder, role }) => folder === "" && role === null)
  );
}
