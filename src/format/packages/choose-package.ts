/** repository → package: which files are the model that is measured, and what every other file is. */
import { LlmSizeError } from "../../errors.ts";
import type { RepositoryFile, WeightHeader } from "../../source/repository.ts";
import { parseConfig, type Config } from "../config.ts";
import { groupBy } from "../group-by.ts";
import { peekGguf, PEEK_BYTES } from "../gguf/peek.ts";
import { accountFiles, doubtUnexplained, type AccountedFile } from "./account.ts";
import { chooseInRepository, type RepositoryFacts } from "./choose-repository.ts";
import { collapseListing, type Collapsed } from "./collapse.ts";
import { completeUnit, isUnreadable, readJson, type CompleteUnit, type PackageSource } from "./complete.ts";
import type { PackageDoubt } from "./doubt.ts";
import { foldLabelFolder, groupFamilies } from "./families.ts";
import { classifyGgufRole } from "./gguf-roles.ts";
import { buildBundle } from "./bundles.ts";
import type { Listing } from "./listing.ts";
import { GENAI_MANIFEST, MODULES_MANIFEST, PIPELINE_MANIFEST } from "./manifests.ts";
import type { PackageFormatName } from "./package-format.ts";
import { selectUnits, type SelectedPackage, type Selection } from "./selection.ts";
import { SNIFF_BYTES, sniffFormat } from "./sniff.ts";
import { bytesOfUnit, folderOf, nameOf, type Unit } from "./unit.ts";

/** A part of a model with files of its own: the whole of most models, a component of a pipeline, a graph. */
export interface PackagePart {
  /** Its folder: `unet`, `2_Dense`; empty for the root. */
  readonly folder: string;
  /** The difference from others of its folder: the stem of a graph; empty for the only one. */
  readonly name: string;
  readonly format: PackageFormatName;
  readonly files: readonly RepositoryFile[];
  /** The small file that lists its tensors or shards. */
  readonly index: RepositoryFile | null;
  /** The header of its graph, where choosing had to read it. */
  readonly header: WeightHeader | null;
}

/** The package that is measured, and the account of all files. */
export interface PackageChoice {
  readonly format: PackageFormatName;
  /** The difference from its alternatives: `Q4_K_M`, `fp16`; empty for the plain one. */
  readonly label: string;
  readonly parts: readonly PackagePart[];
  /** Other packages of the same model. */
  readonly alternatives: readonly PackageAlternative[];
  /** Every file of the listing once. */
  readonly account: readonly AccountedFile[];
  /** Shards that belong to no set. */
  readonly orphans: readonly RepositoryFile[];
  /** Components that have a config and no weights. */
  readonly absent: readonly string[];
  readonly doubt: PackageDoubt | null;
}

interface PackageAlternative {
  readonly format: PackageFormatName;
  readonly label: string;
  readonly folder: string;
  readonly stem: string;
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly RepositoryFile[];
}

/** The user's choice within the repository. */
export interface WantedPackage {
  /** A file, a bundle or a folder; null for the model as a whole. */
  readonly path: string | null;
  /** A quantization, as in `org/name:Q8_0`; null for the usual one. */
  readonly label: string | null;
}

/**
 * Choose the package that is the model of a repository. Null where nothing holds weights. Throws SEVERAL_MODELS where
 * it is unclear which is meant, QUANTIZATION_NOT_FOUND, INCOMPLETE_WEIGHTS, MalformedError and what the source throws.
 */
export async function choosePackage(
  source: PackageSource,
  wanted: WantedPackage,
): Promise<PackageChoice | null> {
  const collapsed = collapseListing(source.files);
  const units = await nameGgufRoles(source, collapsed.units.map(foldLabelFolder));
  const scope = wanted.path === null ? null : findNamed(units, wanted.path, collapsed);
  if (scope?.units?.length === 0)
    throw new LlmSizeError("FILE_NOT_FOUND", { model: source.id, path: wanted.path ?? "" });
  const selection =
    scope?.kind === "units"
      ? selectUnits(scope.units, { alternatives: listFamily(scope.units, units), isCertain: true })
      : scope?.kind === "file"
        ? await selectByContent(source, scope.file)
        : await selectByFacts(source, scope?.units ?? units, collapsed, scope?.folder ?? "");
  const labelled = wanted.label === null ? selection : selectLabel(source, selection, units, wanted.label);
  if (labelled.kind === "none") return null;
  if (labelled.kind === "several") throw severalModels(source, labelled.candidates);
  return finishChoice(
    source,
    { ...collapsed, units },
    labelled,
    wanted.path !== null || wanted.label !== null,
  );
}

/** Where a repository has several families of GGUF files, one header of each identifies drafts and projectors. */
async function nameGgufRoles(source: PackageSource, units: readonly Unit[]): Promise<Unit[]> {
  const families = groupFamilies(units.filter(({ format, role }) => format === "gguf" && role === null));
  if (families.length < 2) return [...units];
  const roles = new Map<Unit, Unit>();
  await Promise.all(
    families.slice(0, MAX_PEEKS).map(async (family) => {
      const [file] = family.units[0]?.files ?? [];
      const peek = file && !file.isLfsPointer ? await peekFile(source, file) : null;
      const role = peek && classifyGgufRole(peek);
      if (role) for (const unit of family.units) roles.set(unit, { ...unit, role });
    }),
  );
  return units.map((unit) => roles.get(unit) ?? unit);
}

/** A repository of more families is a collection, and which one is meant is not for headers to tell. */
const MAX_PEEKS = 12;

async function peekFile(source: PackageSource, file: RepositoryFile) {
  const bytes = await readStart(source, file, PEEK_BYTES);
  return bytes && peekGguf(bytes);
}

async function readStart(
  source: PackageSource,
  file: RepositoryFile,
  count: number,
): Promise<Uint8Array | null> {
  try {
    return await source.readRange(file, 0, Math.min(file.bytes, count));
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

type Scope =
  | { readonly kind: "units"; readonly units: readonly Unit[] }
  | { readonly kind: "file"; readonly file: RepositoryFile; readonly units?: undefined }
  | { readonly kind: "folder"; readonly units: readonly Unit[]; readonly folder: string };

/** A named file stands for the unit that it belongs to, a named folder for the units in it. */
function findNamed(units: readonly Unit[], path: string, { listing }: Collapsed): Scope | null {
  const named = path.replace(/\/+$/, "");
  const unit = units.find(
    (one) => one.path === named || one.index === named || one.files.some((file) => file.path === named),
  );
  if (unit) return { kind: "units", units: [unit] };
  const file = listing.get(named);
  if (file) return { kind: "file", file };
  const own = units.filter((one) => one.path.startsWith(`${named}/`));
  return { kind: "folder", units: own, folder: named };
}

/** Other units of the families that the user named one of. */
function listFamily(chosen: readonly Unit[], units: readonly Unit[]): Unit[] {
  return units.filter((unit) =>
    chosen.some(
      (one) =>
        one !== unit && one.format === unit.format && one.folder === unit.folder && one.stem === unit.stem,
    ),
  );
}

/** A file whose name says nothing, such as those of Ollama and of the Hub's cache. */
async function selectByContent(source: PackageSource, file: RepositoryFile): Promise<Selection> {
  const start = await readStart(source, file, SNIFF_BYTES);
  const format = start && sniffFormat(start);
  if (!format) return { kind: "none" };
  return selectUnits([{ ...buildBundle({ format, path: file.path, files: [file] }), role: null }], {
    isCertain: true,
  });
}

async function selectByFacts(
  source: PackageSource,
  units: readonly Unit[],
  { listing }: Collapsed,
  folder: string,
): Promise<Selection> {
  const isListed = (path: string) => listing.get(path) !== undefined;
  const readRoot = async (name: string) => (isListed(name) ? readJson(source, name) : undefined);
  const genaiPaths = [...new Set(units.filter(({ format }) => format === "onnx").map((unit) => unit.folder))]
    .slice(0, MAX_GENAI)
    .map((own) => ({ own, path: own === "" ? GENAI_MANIFEST : `${own}/${GENAI_MANIFEST}` }))
    .filter(({ path }) => isListed(path));
  const [pipeline, modules, genai, config] = await Promise.all([
    folder === "" ? readRoot(PIPELINE_MANIFEST) : undefined,
    folder === "" ? readRoot(MODULES_MANIFEST) : undefined,
    Promise.all(genaiPaths.map(async ({ own, path }) => [own, await readJson(source, path)] as const)),
    needsConfig(units) && isListed("config.json") ? readRootConfig(source) : null,
  ]);
  const facts: RepositoryFacts = {
    name: nameOf(folder === "" ? source.id.replace(/[\\/]+$/, "").replaceAll("\\", "/") : folder),
    listing,
    pipeline,
    modules,
    genai: new Map(genai),
    config,
  };
  return chooseInRepository(units, facts);
}

const MAX_GENAI = 50;

/** The table of transformers.js is asked only where `onnx/` may be all there is. */
function needsConfig(units: readonly Unit[]): boolean {
  return (
    units.some(({ folder, format }) => folder === "onnx" && format === "onnx") &&
    !units.some(({ folder, role }) => folder === "" && role === null)
  );
}

async function readRootConfig(source: PackageSource): Promise<Config | null> {
  try {
    return parseConfig(await source.readText("config.json", MAX_CONFIG_BYTES));
  } catch (error) {
    if (error instanceof SyntaxError || isUnreadable(error)) return null;
    throw error;
  }
}

const MAX_CONFIG_BYTES = 10_000_000;

/** The quantization that was named, of the model that would be measured without it. */
function selectLabel(
  source: PackageSource,
  selection: Selection,
  units: readonly Unit[],
  label: string,
): Selection {
  const wanted = label.toLowerCase();
  const candidates =
    selection.kind === "package"
      ? [...selection.units, ...selection.alternatives]
      : selection.kind === "several"
        ? units.filter(({ role }) => role === null)
        : [];
  const matches = candidates.filter(
    (unit) => unit.label.toLowerCase() === wanted || nameOf(unit.folder).toLowerCase() === wanted,
  );
  const families = new Set(matches.map(({ format, folder, stem }) => [format, folder, stem].join("\n")));
  if (matches.length > 0 && families.size === 1)
    return selectUnits(matches, {
      alternatives: candidates.filter((unit) => !matches.includes(unit)),
      isCertain: true,
    });
  if (matches.length > 1) return { kind: "several", candidates: matches };
  const available = [...new Set(candidates.map((unit) => unit.label).filter(Boolean))];
  throw new LlmSizeError("QUANTIZATION_NOT_FOUND", { model: source.id, label, available });
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
    selection.units.map(async (unit) =>
      completeUnit(await checkContent(source, unit), { source, listing, units }),
    ),
  );
  const used = new Set(complete.flatMap(({ files }) => files.map(({ path }) => path)));
  const { files, alternatives } = accountFiles({
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
  const isCertain = selection.isCertain && (await isConfigured(source, collapsed, selection, files));
  const doubts = [...selection.doubts, ...complete.flatMap((one) => one.doubts)];
  if (source.isListingCut && !isNamed) doubts.push(LISTING_CUT);
  return {
    format: first.unit.format,
    label: selection.label ?? first.unit.label,
    parts: toParts(complete, listing),
    alternatives: alternatives.map((unit) => ({
      format: unit.format,
      label: unit.label,
      folder: unit.folder,
      stem: unit.stem,
      path: unit.path,
      bytes: bytesOfUnit(unit),
      files: unit.files,
    })),
    account: files,
    orphans: complete.flatMap(({ orphans }) => orphans),
    absent: selection.absent,
    doubt: doubts[0] ?? doubtUnexplained(files, { isCertain, isNamed }),
  };
}

const LISTING_CUT: PackageDoubt = {
  code: "LISTING_CUT",
  message: "it has more files than are searched; name the folder or the file you mean",
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
  if (unit.format !== "pytorch" || !file || file.isLfsPointer || LOADED_NAME.test(nameOf(file.path)))
    return unit;
  const start = await readStart(source, file, SNIFF_BYTES);
  const format = start && sniffFormat(start);
  return format ? { ...unit, format } : unit;
}

/** Files that torch's own loaders read are PyTorch's. */
const LOADED_NAME =
  /^(?:(?:diffusion_)?pytorch_model|adapter_model|open_clip_pytorch_model|consolidated|pytorch_lora_weights)\b|\.distcp$|^\.metadata$/;

/** A loader's name is certain only where a config names the class that loads it. It is read where it matters. */
async function isConfigured(
  source: PackageSource,
  { listing }: Collapsed,
  selection: SelectedPackage,
  files: readonly AccountedFile[],
): Promise<boolean> {
  if (!files.some(({ is }) => is === "unexplained")) return true;
  const [unit] = selection.units;
  if (!unit || selection.units.length > 1 || selection.label !== undefined || !isByStandardName(unit))
    return true;
  const folder = folderOf(unit.path);
  const names = ["config.json", "open_clip_config.json", "adapter_config.json"].map((name) =>
    folder === "" ? name : `${folder}/${name}`,
  );
  const path = names.find((name) => listing.get(name) !== undefined);
  if (path === undefined) return false;
  try {
    const value = parseConfig(await source.readText(path, MAX_CONFIG_BYTES));
    return value.architecture !== null || (!path.endsWith("/config.json") && path !== "config.json");
  } catch (error) {
    if (error instanceof SyntaxError || isUnreadable(error)) return false;
    throw error;
  }
}

function isByStandardName({ format }: Unit): boolean {
  return format === "safetensors" || format === "pytorch";
}

/** List every file of a package. */
export function listFiles({ parts }: Pick<PackageChoice, "parts">): RepositoryFile[] {
  return parts.flatMap(({ files }) => [...files]);
}
