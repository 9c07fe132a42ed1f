/** Repositories whose manifest names the parts of the model: diffusers, sentence-transformers, onnxruntime-genai. */
import { isObject, type JsonObject } from "../../contract/json.ts";
import { chooseInFolder, type FolderFacts } from "./choose-folder.ts";
import { listNames } from "../../contract/list-names.ts";
import type { PackageDoubt } from "./doubt.ts";
import { selectUnits, type SelectedPackage, type Selection } from "./selection.ts";
import { findStandardUnit } from "./standard.ts";
import { joinPath, type Unit } from "./unit.ts";

/** Which folder a model of several looks for its parts in. */
export const PIPELINE_MANIFEST = "model_index.json";
export const MODULES_MANIFEST = "modules.json";
export const GENAI_MANIFEST = "genai_config.json";

/** More components and modules than any model has. */
const MAX_PARTS = 1_000;

/** diffusers: `"unet": ["diffusers", "UNet2DConditionModel"]`; null in place of a name is absent. */
export function choosePipeline(
  manifest: unknown,
  candidates: readonly Unit[],
  facts: FolderFacts,
): Selection | null {
  const folders = readComponents(manifest);
  const components = folders.map((folder) => choosePart(folder, candidates, facts));
  const found = components.filter(({ selection }) => selection !== null);
  if (found.length === 0) return null;
  const lost = components.filter(
    ({ folder, selection }) =>
      selection === null &&
      candidates.some((unit) => unit.folder === folder || unit.folder.startsWith(`${folder}/`)),
  );
  const present = new Set(found.map(({ folder }) => folder));
  const absent = folders.filter(
    (folder) => !present.has(folder) && facts.listing.get(joinPath(folder, "config.json")) !== undefined,
  );
  return joinParts(found, { absent, lost: lost.map(({ folder }) => folder), what: "component" });
}

function readComponents(manifest: unknown): string[] {
  if (!isObject(manifest)) return [];
  return Object.entries(manifest)
    .filter(([, value]) => Array.isArray(value) && value.length === 2 && typeof value[1] === "string")
    .map(([folder]) => folder)
    .slice(0, MAX_PARTS);
}

/**
 * sentence-transformers: `[{ "path": "" }, { "path": "2_Dense" }]`. The root may have its transformer as ONNX alone,
 * in `onnx/`; `chooseRoot` finds it.
 */
export function chooseModules(
  manifest: unknown,
  candidates: readonly Unit[],
  facts: FolderFacts,
  chooseRoot: () => Selection,
): Selection | null {
  const folders = readModuleFolders(manifest);
  const others = folders.filter((folder) => folder !== "");
  if (others.length === 0) return null;
  const modules = others.map((folder) => choosePart(folder, candidates, facts));
  const root = chooseRoot();
  const found = modules.filter(({ selection }) => selection !== null);
  if (root.kind === "several") return root;
  const lost = modules.filter(
    ({ folder, selection }) => selection === null && candidates.some((unit) => unit.folder === folder),
  );
  const parts = [
    ...(root.kind === "package" ? [{ folder: "", selection: root, isStandard: true }] : []),
    ...found,
  ];
  if (parts.length === 0 || (found.length === 0 && lost.length === 0)) return null;
  return joinParts(parts, { absent: [], lost: lost.map(({ folder }) => folder), what: "module" });
}

function readModuleFolders(manifest: unknown): string[] {
  if (!Array.isArray(manifest)) return [];
  return manifest
    .slice(0, MAX_PARTS)
    .map((module: unknown) => (isObject(module) ? module["path"] : null))
    .filter((path) => typeof path === "string")
    .map((path) => path.replace(/^(?:\.\/)+/, "").replace(/\/+$/, ""));
}

interface Part {
  readonly folder: string;
  readonly selection: SelectedPackage | null;
  /** True where the loader finds it by its name. */
  readonly isStandard: boolean;
}

/** The standard name first; a name of its own is counted, in doubt, as a loader of the pipeline would not find it. */
function choosePart(folder: string, candidates: readonly Unit[], facts: FolderFacts): Part {
  const own = candidates.filter((unit) => unit.folder === folder);
  const standard = findStandardUnit(own);
  if (!standard && own.length === 0) return { folder, selection: null, isStandard: true };
  const selection = chooseInFolder(own, facts);
  const isStandard =
    standard !== null || own.every(({ format, stem }) => format === "onnx" && stem === "model");
  return { folder, selection: selection.kind === "package" ? selection : null, isStandard };
}

function joinParts(
  parts: readonly Part[],
  { absent, lost, what }: { absent: readonly string[]; lost: readonly string[]; what: string },
): Selection {
  const selections = parts.map(({ selection }) => selection).filter((selection) => selection !== null);
  const doubts: PackageDoubt[] = selections.flatMap((selection) => selection.doubts);
  if (lost.length > 0) {
    const message = `the weights of its ${what} ${listNames(lost)} go by names that no loader looks for; not counted`;
    doubts.push({ code: "COMPONENT_MISSING", message, atMostBytes: null });
  }
  const unusual = parts.filter(({ isStandard }) => !isStandard).map(({ folder }) => folder);
  if (unusual.length > 0) {
    const message = `the weights of its ${what} ${listNames(unusual)} go by a name of their own, which a loader may not find`;
    doubts.push({ code: "COMPONENT_MISSING", message, atMostBytes: null });
  }
  return selectUnits(
    selections.flatMap(({ units }) => units),
    { alternatives: selections.flatMap(({ alternatives }) => alternatives), isCertain: true, doubts, absent },
  );
}

/** onnxruntime-genai: every graph that `genai_config.json` names, in its own folder. */
export function chooseGenai(
  manifest: unknown,
  folder: string,
  candidates: readonly Unit[],
): Selection | null {
  const names = new Set(listFileNames(manifest));
  const paths = new Set([...names].map((name) => joinPath(folder, name.replace(/^(?:\.\/)+/, ""))));
  const own = candidates.filter(({ path }) => paths.has(path));
  if (own.length === 0) return null;
  const present = new Set(own.map(({ path }) => path));
  const missing = [...paths].filter((path) => path.endsWith(".onnx") && !present.has(path));
  const message = `${joinPath(folder, GENAI_MANIFEST)} lists ${listNames(missing)}, which the repository lacks`;
  const doubts =
    missing.length === 0 ? [] : [{ code: "COMPONENT_MISSING" as const, message, atMostBytes: null }];
  return selectUnits(own, { isCertain: true, doubts });
}

const MAX_DEPTH = 8;

/** Every `filename` of `model`, at any depth: `decoder.filename`, `decoder.pipeline[].embeddings.filename`. */
function listFileNames(manifest: unknown): string[] {
  const names: string[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH || names.length > MAX_PARTS) return;
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (isObject(value))
      for (const [key, item] of Object.entries(value as JsonObject))
        if (key === "filename" && typeof item === "string") names.push(item);
        else visit(item, depth + 1);
  };
  visit(isObject(manifest) ? manifest["model"] : null, 0);
  return names;
}
