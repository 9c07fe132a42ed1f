/** repository → package: which files are the model that is measured, and what every other file is. */
import { LlmSizeError } from "../../errors.ts";
import { groupBy } from "../group-by.ts";
import { accountFiles, doubtUnexplained, type Account } from "./account.ts";
import { chooseInRepository } from "./choose-repository.ts";
import { collapseListing, type Collapsed } from "./collapse.ts";
import { requireWhole } from "./complete.ts";
import type { PackageDoubt } from "./doubt.ts";
import { foldLabelFolder } from "./families.ts";
import { nameGgufRoles } from "./gguf-roles.ts";
import type { Listing } from "./listing.ts";
import { PIPELINE_MANIFEST } from "./manifests.ts";
import type { WantedPackage } from "./named-package.ts";
import type { PackageChoice } from "./package-choice.ts";
import type { CompleteUnit } from "./package-format.ts";
import { PACKAGE_FORMATS } from "./package-formats.ts";
import type { PackagePart } from "./package-part.ts";
import { readPackageConfig, readStart, type PackageSource } from "./package-source.ts";
import { readRepositoryFacts } from "./repository-facts.ts";
import { selectUnits, type SelectedPackage, type Selection } from "./selection.ts";
import { SNIFF_BYTES, sniffFormat } from "./sniff.ts";
import { bytesOfUnit, folderOf, joinPath, nameOf, type Unit } from "./unit.ts";

/**
 * Choose the package that is the model of a repository. Null where nothing holds weights. Throws SEVERAL_MODELS where
 * it is unclear which is meant, QUANTIZATION_NOT_FOUND, INCOMPLETE_WEIGHTS, MalformedError and what the source throws.
 */
export async function choosePackage(
  source: PackageSource,
  wanted: WantedPackage,
): Promise<PackageChoice | null> {
  const listed = collapseListing(source.files);
  const named = await nameGgufRoles(source, listed.units.map(foldLabelFolder));
  const units = wanted.path === null ? await withoutGraphData(source, named) : named;
  const collapsed = { ...listed, units };
  const selection = await select(source, collapsed, wanted);
  const labelled =
    wanted.label === null
      ? selection
      : (await loadNamed()).selectLabel(source, selection, collapsed.units, wanted.label);
  if (labelled.kind === "none") return null;
  if (labelled.kind === "several") throw severalModels(source, labelled.candidates);
  return finishChoice(source, collapsed, labelled, wanted.path !== null || wanted.label !== null);
}

/** Most references name a model as a whole. */
const loadNamed = () => import("./named-package.ts");

async function select(
  source: PackageSource,
  collapsed: Collapsed,
  { path }: WantedPackage,
): Promise<Selection> {
  const { units } = collapsed;
  if (path === null) return selectByFacts(source, collapsed, "");
  const { findNamed, listFamily, selectByContent } = await loadNamed();
  const named = findNamed(collapsed, path);
  switch (named.kind) {
    case "unit":
      return selectUnits([named.unit], { alternatives: listFamily(named.unit, units), isCertain: true });
    case "file":
      return selectByContent(source, named.file);
    case "folder":
      return selectByFacts(source, { ...collapsed, units: named.units }, named.folder);
    case "none":
      throw new LlmSizeError("FILE_NOT_FOUND", { model: source.id, path });
  }
}

/** Leave out `model.bin` next to `model.onnx`, unless its first bytes are PyTorch's: a graph's data can have any name. */
async function withoutGraphData(source: PackageSource, units: readonly Unit[]): Promise<Unit[]> {
  const folders = new Set(units.filter(({ format }) => format === "onnx").map(({ folder }) => folder));
  const checked = await Promise.all(
    units.map(async (unit) => {
      const [file] = unit.files;
      if (!file?.path.endsWith(".bin") || !folders.has(unit.folder) || !hasOwnName(unit)) return unit;
      const start = await readStart(source, file, SNIFF_BYTES);
      return start && sniffFormat(start) === null ? null : unit;
    }),
  );
  return checked.filter((unit) => unit !== null);
}

async function selectByFacts(
  source: PackageSource,
  collapsed: Collapsed,
  folder: string,
): Promise<Selection> {
  return chooseInRepository(collapsed.units, await readRepositoryFacts(source, collapsed, folder));
}

function severalModels(source: PackageSource, candidates: readonly Unit[]): LlmSizeError {
  return new LlmSizeError("SEVERAL_MODELS", {
    model: source.id,
    isLocal: source.source === "local",
    candidates: candidates.map((unit) => ({ path: unit.path, bytes: bytesOfUnit(unit) })),
  });
}

async function finishChoice(
  source: PackageSource,
  collapsed: Collapsed,
  selection: SelectedPackage,
  isNamed: boolean,
): Promise<PackageChoice | null> {
  const { listing, units } = collapsed;
  const complete = await Promise.all(
    selection.units.map(async (one) => {
      const unit = await checkContent(source, one);
      const context = { source, listing, units };
      return PACKAGE_FORMATS[unit.format].complete?.(unit, context) ?? requireWhole(unit, context);
    }),
  );
  const used = new Set(complete.flatMap(({ files }) => files.map(({ path }) => path)));
  const account = accountFiles({
    files: source.files,
    units,
    used,
    chosen: selection.units,
    alternatives: selection.alternatives,
    isNamed,
    isPipeline: selection.units.length > 1 && listing.get(PIPELINE_MANIFEST) !== undefined,
    name: nameOf(source.id),
  });
  const [first] = complete;
  if (!first) return null;
  const isCertain = selection.isCertain && (await isConfigured(source, collapsed, selection, account));
  const doubts = [...selection.doubts, ...complete.flatMap((one) => one.doubts)];
  if (source.isListingCut && !isNamed) doubts.push(LISTING_CUT);
  return {
    format: first.unit.format,
    label: selection.label ?? first.unit.label,
    parts: toParts(complete, listing),
    alternatives: account.alternatives.map((unit) => ({
      format: unit.format,
      label: unit.label,
      folder: unit.folder,
      stem: unit.stem,
      path: unit.path,
      bytes: bytesOfUnit(unit),
      files: unit.files,
    })),
    account: account.files,
    orphans: complete.flatMap(({ orphans }) => orphans),
    absent: selection.absent,
    doubt: doubts[0] ?? doubtUnexplained(account, { isCertain, isNamed }),
  };
}

const LISTING_CUT: PackageDoubt = {
  code: "LISTING_CUT",
  message:
    "it has more files than are searched, or names that are not UTF-8; name the folder or the file you mean",
  atMostBytes: null,
};

/** Graphs of one folder are parts of their own, as their tensors may share names. */
function toParts(complete: readonly CompleteUnit[], listing: Listing): PackagePart[] {
  const folders = groupBy(complete, ({ unit }) => unit.folder);
  return complete.map(({ unit, files, header }) => ({
    folder: unit.folder,
    name: (folders.get(unit.folder)?.length ?? 0) > 1 ? unit.stem : "",
    format: unit.format,
    files,
    index: unit.index === null ? null : (listing.get(unit.index) ?? null),
    header,
  }));
}

/** A file by a name of its own is what its first bytes say: not every `.bin` is PyTorch's. */
async function checkContent(source: PackageSource, unit: Unit): Promise<Unit> {
  const [file] = unit.files;
  if (!file || !hasOwnName(unit)) return unit;
  const start = await readStart(source, file, SNIFF_BYTES);
  const format = start && sniffFormat(start);
  return format ? { ...unit, format } : unit;
}

/** Files that torch's own loaders read are PyTorch's. */
const LOADED_NAME =
  /^(?:(?:diffusion_)?pytorch_model|adapter_model|open_clip_pytorch_model|consolidated|pytorch_lora_weights)\b|\.distcp$|^\.metadata$/;

/** True for a file that is PyTorch's by its ending alone. */
function hasOwnName({ format, files: [file] }: Unit): boolean {
  return format === "pytorch" && file !== undefined && !LOADED_NAME.test(nameOf(file.path));
}

/** A loader's name is certain only where a config names the class that loads it. It is read where it matters. */
/** Loaders find safetensors and PyTorch by their names. */
const LOADED_FORMATS: ReadonlySet<string> = new Set(["safetensors", "pytorch"]);

async function isConfigured(
  source: PackageSource,
  { listing }: Collapsed,
  selection: SelectedPackage,
  { files }: Account,
): Promise<boolean> {
  if (!files.some(({ is }) => is === "unexplained")) return true;
  const [unit] = selection.units;
  if (
    !unit ||
    selection.units.length > 1 ||
    selection.label !== undefined ||
    !LOADED_FORMATS.has(unit.format)
  )
    return true;
  const path = ["config.json", "open_clip_config.json", "adapter_config.json"]
    .map((name) => joinPath(folderOf(unit.path), name))
    .find((name) => listing.get(name) !== undefined);
  if (path === undefined) return false;
  const config = await readPackageConfig(source, path);
  return config !== null && (config.architecture !== null || nameOf(path) !== "config.json");
}
