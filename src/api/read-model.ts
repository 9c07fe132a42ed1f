/** The files of a repository → its package, tensors and configs. */
import { listNames } from "../contract/list-names.ts";
import { isFailure, LlmSizeError } from "../errors.ts";
import { buildPipelineConfig, type Config } from "../format/config.ts";
import { MalformedError, UnreadableError } from "../format/malformed.ts";
import { listAlternatives } from "../format/packages/alternatives.ts";
import { choosePackage } from "../format/packages/choose-package.ts";
import { listFiles, type PackageChoice } from "../format/packages/package-choice.ts";
import { PROJECTOR } from "../format/packages/account.ts";
import { MODULES_MANIFEST, PIPELINE_MANIFEST } from "../format/packages/manifests.ts";
import { joinPath } from "../format/packages/unit.ts";
import { classifyPlainFile } from "../format/packages/plain-files.ts";
import { formatTitle } from "../format/packages/format-names.ts";
import { readConfig } from "../format/read-config.ts";
import { countHeaders, isReadable, readPart } from "../format/read-headers.ts";
import type { Tensor } from "../format/tensor.ts";
import { parseAdapter, type Adapter } from "../model/adapter.ts";
import type { Note } from "../notes.ts";
import type { Repository } from "../source/repository.ts";
import type { Evidence, SourceName } from "../contract/terms.ts";

/** The tensors of one part of a model, and the config of that part. */
interface ModelPart {
  /** Its folder; empty for the root. */
  readonly folder: string;
  readonly tensors: readonly Tensor[];
  readonly config: Config | null;
}

/** The contents of a model, before anything is counted. */
export interface ModelContents {
  /** `headers`: every tensor was read; `summary`: the Hub's totals; `files`: only the sizes of files. */
  readonly evidence: Evidence;
  readonly source: SourceName;
  /** From adapter_config.json, for an adapter. */
  readonly adapter: Adapter | null;
  /** Of the whole model: the root's config.json, or model_index.json of a pipeline. */
  readonly config: Config | null;
  /** The package that is measured, with the account of all files; null where no files are known. */
  readonly checkpoint: PackageChoice | null;
  /** Empty unless the evidence is `headers`. */
  readonly parts: readonly ModelPart[];
  readonly notes: readonly Note[];
}

/** Called with what has just happened to one weight file. */
export type OnFile = (step: "known" | "read") => void;

/** Read the headers of all weight files. Throws NO_WEIGHTS, SEVERAL_MODELS, MalformedError and the errors of the source. */
export async function readModel(repository: Repository, onFile: OnFile): Promise<ModelContents> {
  const checkpoint = await readCheckpoint(repository);
  if (!checkpoint)
    throw new LlmSizeError("NO_WEIGHTS", { model: repository.id, found: formatContents(repository) });
  const found = { source: repository.source, adapter: await readAdapter(repository), checkpoint };
  const unread = checkpoint.parts.find((part) => !isReadable(part));
  if (unread) {
    const isPointer = unread.files.some(({ isLfsPointer }) => isLfsPointer);
    const reason = isPointer ? null : `${formatTitle(unread.format)} files are not read`;
    return { ...found, ...(await readSizesOnly(repository, checkpoint, reason)) };
  }
  try {
    return {
      ...found,
      evidence: "headers",
      ...(await readParts(repository, checkpoint, onFile, found.adapter)),
    };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const reason = `${error.path ?? checkpoint.format}: ${error.message}`;
    return { ...found, ...(await readSizesOnly(repository, checkpoint, reason)) };
  }
}

async function readParts(
  repository: Repository,
  checkpoint: PackageChoice,
  onFile: OnFile,
  adapter: Adapter | null,
): Promise<Pick<ModelContents, "config" | "parts" | "notes">> {
  const { parts } = checkpoint;
  for (const part of parts) for (let file = countHeaders(part); file > 0; file--) onFile("known");
  const readings = await Promise.all(
    parts.map(async (part) => {
      const [own, header] = await Promise.all([
        readConfig(repository, findConfigFolder(repository, part.folder)),
        readPart(repository, part, () => onFile("read")),
      ]);
      // A GGUF file describes itself; a config.json next to it may be of the model it was made from.
      const config = header.config ?? own.config;
      const folder = [part.folder, part.name].filter(Boolean).join("/");
      return { folder, tensors: header.tensors, config, notes: header.config ? [] : own.notes };
    }),
  );
  const config = await readWholeConfig(repository, checkpoint, readings);
  return {
    config,
    parts: readings,
    // An adapter does not need a config.json.
    notes: [
      ...(adapter ? [] : dedupe(readings.flatMap(({ notes }) => notes))),
      ...buildPackageNotes(checkpoint, repository, config),
    ],
  };
}

/** Graphs in `onnx/` have the root's config; components of a pipeline and modules have their own or none. */
function findConfigFolder({ files }: Repository, folder: string): string {
  const isListed = (path: string) => files.some((file) => file.path === path);
  const isComponent = isListed(PIPELINE_MANIFEST) || (isListed(MODULES_MANIFEST) && folder !== "onnx");
  return isComponent || isListed(joinPath(folder, "config.json")) ? folder : "";
}

/** Graphs of one folder share its config. */
function dedupe(notes: readonly Note[]): Note[] {
  return [...new Map(notes.map((note) => [note.message, note])).values()];
}

/** Say what the package is not: other quantizations, components without weights, files in doubt. */
export function buildPackageNotes(
  checkpoint: PackageChoice,
  { file }: Pick<Repository, "file">,
  config: Config | null,
): Note[] {
  const { format, absent, orphans, doubt } = checkpoint;
  const notes: Note[] = [];
  if (doubt) notes.push({ code: "PACKAGE_DOUBTFUL", message: doubt.message });
  if (absent.length > 0)
    notes.push({
      code: "COMPONENT_ABSENT",
      message: `the weights of the pipeline's ${listNames(absent)} are missing here; not counted`,
    });
  if (orphans.length > 0)
    notes.push({
      code: "SHARDS_ORPHANED",
      message: `${orphans.length} files look like shards but belong to no set, such as ${orphans[0]?.path}; not counted`,
    });
  const projector = checkpoint.account.find(({ why }) => why === PROJECTOR);
  if (projector)
    notes.push({
      code: "PROJECTOR_NOT_COUNTED",
      message: `llama.cpp, Ollama and LM Studio also download ${projector.path} to read images or audio; not counted`,
    });
  const used = listFiles(checkpoint);
  const others = listAlternatives(checkpoint, config).filter((other) => other.format === format);
  if (ONE_FILE_PER_QUANTIZATION.has(format) && file === null && others.length > 0)
    notes.push({
      code: "ONE_OF_SEVERAL",
      message: `its download is that of ${used[0]?.path}, one of ${others.length + 1} ${format} quantizations`,
    });
  return notes;
}

/** Formats with one file per quantization in a repository. */
const ONE_FILE_PER_QUANTIZATION: ReadonlySet<string> = new Set(["gguf", "onnx", "mediapipe", "litert"]);

/** Read what is known of a package without its headers: the sizes of its files. */
async function readSizesOnly(repository: Repository, checkpoint: PackageChoice, reason: string | null) {
  const { config } = await readConfig(repository, "").catch((error: unknown) => {
    if (!isFailure(error, "MODEL_GATED")) throw error;
    return { config: null }; // sizes are listed in front of a gate too
  });
  const note: Note =
    reason === null
      ? {
          code: "LFS_POINTER",
          message: "its weights are Git LFS pointers: sizes of files alone; git lfs pull downloads them",
        }
      : { code: "FILES_ONLY", message: `sizes of files alone: ${reason}` };
  const notes = [note, ...buildPackageNotes(checkpoint, repository, config)];
  return { evidence: "files" as const, config, parts: [], notes };
}

/** Say what a repository without weights holds instead. */
function formatContents({ files, isListingCut = false }: Repository): string {
  if (files.length === 0)
    return isListingCut ? "its files lie too deep, or their names are not UTF-8" : "it is empty";
  if (files.length === 1) return `${files[0]?.path} holds none`;
  const [largest] = files.toSorted((a, b) => b.bytes - a.bytes);
  const unknown =
    largest && classifyPlainFile(largest) === null
      ? ` in a known format; the largest is ${largest.path} of ${largest.bytes} bytes`
      : "";
  return `none of its ${files.length} files holds weights${unknown}`;
}

async function readAdapter(repository: Repository): Promise<Adapter | null> {
  if (!repository.files.some(({ path }) => path === "adapter_config.json")) return null;
  return parseAdapter(await readJson(repository, "adapter_config.json"));
}

/** Read model_index.json of a pipeline; for any other model, take the config of its first part. */
async function readWholeConfig(
  repository: Repository,
  { parts }: PackageChoice,
  readings: readonly ModelPart[],
): Promise<Config | null> {
  const isPipeline = parts.length > 1 && repository.files.some(({ path }) => path === PIPELINE_MANIFEST);
  return isPipeline
    ? buildPipelineConfig(await readJson(repository, PIPELINE_MANIFEST))
    : (readings[0]?.config ?? null);
}

/** Choose the files that a loader would fetch; null where there are none. */
export function readCheckpoint(repository: Repository): Promise<PackageChoice | null> {
  return choosePackage(repository, { path: repository.file, label: repository.label });
}

const MAX_JSON_BYTES = 1_000_000;

async function readJson(repository: Repository, path: string): Promise<unknown> {
  const text = await repository.readText(path, MAX_JSON_BYTES);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedError("it is not JSON", path);
  }
}
