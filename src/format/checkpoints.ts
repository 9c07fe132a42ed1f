/** The files of a repository that make up one checkpoint, as a loader fetches them, and the others. */
import { buildConfig, isObject, type Config } from "./config.ts";
import { findOnnxVariants } from "./onnx/sessions.ts";
import type { RepositoryFile } from "../source/repository.ts";
import { parseWeightFile, type WeightFormat } from "./weight-file.ts";
import { completeSet, groupWeightSets, indexPaths, type ReadIndex, type WeightSet } from "./weight-set.ts";

/** A part of a model with weights of its own: the whole of most models, a component of a pipeline. */
interface CheckpointPart {
  /** Its folder: `unet`, `2_Dense`; empty for the root. */
  readonly folder: string;
  readonly files: readonly RepositoryFile[];
}

/** One complete set of weight files of a model, in one format and precision; a pipeline has one a component. */
export interface Checkpoint {
  readonly format: WeightFormat;
  readonly parts: readonly CheckpointPart[];
  /** Shards that belong to no set. */
  readonly orphans: readonly RepositoryFile[];
  /** Components of a pipeline that have a config and no weights. */
  readonly absent: readonly string[];
}

/** Weights that a loader of the checkpoint does not fetch. */
export interface Alternative {
  readonly format: WeightFormat;
  /** The difference from others: a quantization, a variant, a folder. */
  readonly label: string;
  readonly bytes: number;
  readonly files: RepositoryFile[];
}

/** The files that the choice reads in addition to the listing. */
export interface CheckpointReaders {
  readonly readIndex: ReadIndex;
  /** A small JSON file of the repository, parsed. */
  readonly readJson: (path: string) => Promise<unknown>;
}

/** Names of what transformers, diffusers, peft, timm, open_clip and Mistral's own code load, most usual first. */
const STEMS = [
  "model",
  "pytorch_model",
  "diffusion_pytorch_model",
  "adapter_model",
  "pytorch_lora_weights",
  "open_clip_model",
  "open_clip_pytorch_model",
  "consolidated",
] as const;

/** Formats that a loader takes by the names of its files, best first. */
const READABLE = ["safetensors", "pytorch"] as const;

/** Of the GGUF files of a repository, the one most people take; else the first by name. */
const USUAL_GGUF = ["Q4_K_M", "Q4_0", "MXFP4", "Q4_K_S", "Q5_K_M", "Q8_0", "F16", "BF16"];

/** Formats of which only the sizes are known, as they are preferred where there is nothing else. */
const SIZED: readonly WeightFormat[] = [
  "onnx",
  "litert",
  "mediapipe",
  "tensorflow",
  "flax",
  "rust",
  "openvino",
  "coreml",
];

/** diffusers falls back from the plain weights to a variant; half precision is what people publish. */
const VARIANTS = ["", "fp16", "bf16", "fp32", "non_ema", "ema"];

/**
 * The checkpoint a loader would take: the pipeline that model_index.json describes (diffusers), the root's weights
 * and those of its modules (sentence-transformers), or the one set of weights there is. `path` picks the set that a
 * file belongs to. Null when there is none; throws INCOMPLETE_WEIGHTS when files of it are missing.
 */
export async function chooseCheckpoint(
  model: string,
  files: readonly RepositoryFile[],
  path: string | null,
  readers: CheckpointReaders,
): Promise<Checkpoint | null> {
  const listing = new Map(files.map((file) => [file.path, file]));
  const sets = groupWeightSets(files.map(parseWeightFile).filter((file) => file !== null));
  const chosen = await chooseSets(sets, listing, path, readers);
  const [first] = chosen;
  if (!first) return path === null ? chooseSized(files, sets, listing, readers) : null;
  const complete = await Promise.all(
    chosen.map(async (set) => ({ set, ...(await completeSet(model, set, listing, readers.readIndex)) })),
  );
  return {
    format: first.format,
    parts: complete.map(({ set, files: own }) => ({ folder: set.folder, files: own })),
    orphans: complete.flatMap(({ orphans }) => orphans),
    absent: await listAbsent(chosen, listing, readers),
  };
}

async function chooseSets(
  sets: readonly WeightSet[],
  listing: ReadonlyMap<string, RepositoryFile>,
  path: string | null,
  { readJson }: CheckpointReaders,
): Promise<WeightSet[]> {
  if (path !== null) return sets.filter((set) => set.files.some((file) => file.path === path)).slice(0, 1);
  if (listing.has("model_index.json")) {
    const components = readComponents(await readJson("model_index.json"));
    const parts = components.map((folder) => pickSet(sets, folder, listing)).filter((set) => set !== null);
    if (parts.length > 0) return parts;
  }
  const root = pickSet(sets, "", listing);
  if (listing.has("modules.json")) {
    const folders = readModuleFolders(await readJson("modules.json"));
    const modules = folders.map((folder) => pickSet(sets, folder, listing)).filter((set) => set !== null);
    if (modules.length > 0) return [...(root ? [root] : []), ...modules];
  }
  if (root) return [root];
  // No root weights: the only folder that has any, as of a single diffusers component.
  const folders = new Set(sets.filter(isReadable).map(({ folder }) => folder));
  const inFolders = [...folders]
    .map((folder) => pickSet(sets, folder, listing))
    .filter((set) => set !== null);
  if (inFolders.length > 0) return inFolders.length === 1 ? inFolders : [];
  const gguf = pickGguf(sets);
  return gguf ? [gguf] : [];
}

/** One of the GGUF quantizations: all have the same parameters. */
function pickGguf(sets: readonly WeightSet[]): WeightSet | null {
  const ggufs = sets.filter(({ format }) => format === "gguf");
  const usual = USUAL_GGUF.map((label) => ggufs.find(({ variant }) => variant === label)).find(Boolean);
  return usual ?? ggufs[0] ?? null;
}

/**
 * Of formats that are known by size alone: for transformers.js the least changed dtype in which it finds every graph,
 * else the first set.
 */
async function chooseSized(
  files: readonly RepositoryFile[],
  sets: readonly WeightSet[],
  listing: ReadonlyMap<string, RepositoryFile>,
  { readJson }: CheckpointReaders,
): Promise<Checkpoint | null> {
  const needsConfig = files.some(({ path }) => path.endsWith(".onnx")) && listing.has("config.json");
  const root = needsConfig ? await readJson("config.json") : null;
  const [variant] = findOnnxVariants(files, isObject(root) ? buildConfig(root) : null);
  if (variant)
    return { format: "onnx", parts: [{ folder: "", files: variant.files }], orphans: [], absent: [] };
  const sized = pickSized(sets);
  return (
    sized && {
      format: sized.format,
      parts: [{ folder: sized.folder, files: sized.files }],
      orphans: [],
      absent: [],
    }
  );
}

function pickSized(sets: readonly WeightSet[]): WeightSet | null {
  return SIZED.map((format) => sets.find((set) => set.format === format)).find(Boolean) ?? null;
}

/** Components that model_index.json names but nobody uploaded. */
async function listAbsent(
  chosen: readonly WeightSet[],
  listing: ReadonlyMap<string, RepositoryFile>,
  { readJson }: CheckpointReaders,
): Promise<string[]> {
  if (chosen.length < 2 || !listing.has("model_index.json")) return [];
  const present = new Set(chosen.map(({ folder }) => folder));
  return readComponents(await readJson("model_index.json")).filter(
    (folder) => !present.has(folder) && listing.has(`${folder}/config.json`),
  );
}

/** The set a loader takes from a folder: safetensors before PyTorch, the plain one before a variant. */
function pickSet(
  sets: readonly WeightSet[],
  folder: string,
  listing: ReadonlyMap<string, RepositoryFile>,
): WeightSet | null {
  const here = sets.filter((set) => set.folder === folder);
  for (const format of READABLE)
    for (const stem of STEMS)
      for (const variant of VARIANTS) {
        const match = here.find(
          (set) => set.format === format && set.stem === stem && set.variant === variant,
        );
        if (match) return match;
        // An index whose files go by other names, as of older MLX uploads; or whose files never came.
        const unnamed = { format, folder, stem, variant, files: [] };
        if (indexPaths(unnamed).some((path) => listing.has(path))) return unnamed;
      }
  // A single file by another name, such as an upload for another program.
  const others = here.filter(({ format }) => format === "safetensors");
  return others.length === 1 ? (others[0] ?? null) : null;
}

function isReadable({ format }: WeightSet): boolean {
  return (READABLE as readonly string[]).includes(format);
}

/** The folders of model_index.json: `"unet": ["diffusers", "UNet2DConditionModel"]`; null in place of a name is absent. */
function readComponents(index: unknown): string[] {
  if (!isObject(index)) return [];
  return Object.entries(index)
    .filter(([, value]) => Array.isArray(value) && value.length === 2 && typeof value[1] === "string")
    .map(([folder]) => folder);
}

/** The folders of modules.json: `[{ "idx": 2, "path": "2_Dense", … }]`. */
function readModuleFolders(modules: unknown): string[] {
  if (!Array.isArray(modules)) return [];
  return modules
    .map((module: unknown) => (isObject(module) ? module["path"] : null))
    .filter((path) => typeof path === "string")
    .filter((path) => path !== "");
}

/**
 * The weights that a loader of the checkpoint does not fetch: for transformers.js by dtype, with exactly the files it
 * would fetch, all others as they are named.
 */
export function listAlternatives(
  files: readonly RepositoryFile[],
  used: ReadonlySet<string>,
  config: Config | null,
): Alternative[] {
  const variants = findOnnxVariants(files, config)
    .filter((variant) => variant.files.some(({ path }) => !used.has(path)))
    .map(({ dtype, bytes, files: own }) => ({
      format: "onnx" as const,
      label: dtype,
      bytes,
      files: [...own],
    }));
  const listed = new Set(variants.flatMap((variant) => variant.files.map(({ path }) => path)));
  return [...variants, ...listSets(files.filter(({ path }) => !used.has(path) && !listed.has(path)))];
}

function listSets(files: readonly RepositoryFile[]): Alternative[] {
  const rest = files.map(parseWeightFile).filter((file) => file !== null);
  return groupWeightSets(rest).map((set) => ({
    format: set.format,
    label: describeSet(set),
    bytes: set.files.reduce((sum, { bytes }) => sum + bytes, 0),
    files: set.files.map(({ path, bytes }) => ({ path, bytes })),
  }));
}

function describeSet({ format, folder, stem, variant }: WeightSet): string {
  if (format === "gguf" && variant !== "") return variant;
  return [folder, stem].filter(Boolean).join("/") + (variant === "" ? "" : ` (${variant})`);
}

/** Every file of a checkpoint. */
export function listFiles({ parts }: Checkpoint): RepositoryFile[] {
  return parts.flatMap(({ files }) => [...files]);
}
