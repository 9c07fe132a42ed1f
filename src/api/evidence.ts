/** What a measurement rests on: the headers of all weight files, or, behind a gate, the next best thing. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { chooseCheckpoint, listAlternatives, listFiles, type Checkpoint } from "../format/checkpoints.ts";
import { describeContents } from "../format/contents.ts";
import { MalformedError } from "../format/malformed.ts";
import type { WeightFormat } from "../format/weight-file.ts";
import { MAX_INDEX_BYTES, parseSafetensorsIndex } from "../format/safetensors-index.ts";
import type { Tensor } from "../format/tensor.ts";
import { parseAdapter, type Adapter } from "../model/adapter.ts";
import { buildConfig, buildPipelineConfig, type Config } from "../format/config.ts";
import { readConfig } from "../format/read-config.ts";
import { isReadable, readHeaders } from "../format/read-headers.ts";
import type { Note } from "../notes.ts";
import type { CatalogModel, HubSummary, Repository, SourceName } from "../source/repository.ts";

/** The stored arrays of one part of a model, and what the part says of itself. */
export interface EvidencePart {
  /** Its folder; empty for the root. */
  readonly folder: string;
  readonly tensors: readonly Tensor[];
  readonly config: Config | null;
}

interface Grounds {
  readonly source: SourceName;
  /** What adapter_config.json says, for an adapter. */
  readonly adapter: Adapter | null;
  /** Of the whole: the root's config.json, or what model_index.json says of a pipeline. */
  readonly config: Config | null;
  /** The files a loader would fetch; null where they cannot be told. */
  readonly checkpoint: Checkpoint | null;
  readonly notes: readonly Note[];
}

export type Evidence =
  | (Grounds & { readonly kind: "headers"; readonly parts: readonly EvidencePart[] })
  | (Grounds & { readonly kind: "summary"; readonly summary: HubSummary })
  | (Grounds & { readonly kind: "files" });

/** Called with what has just happened to one weight file. */
export type OnFile = (step: "known" | "read") => void;

/** Gathers the best evidence a repository gives. Throws NO_WEIGHTS and what its source throws. */
export async function gatherEvidence(repository: Repository, onFile: OnFile): Promise<Evidence> {
  if (repository.source === "catalog") return fromCatalog(repository, []);
  try {
    return await fromHeaders(repository, onFile);
  } catch (error) {
    if (!isFailure(error, "MODEL_GATED")) throw error;
    return fromBehindTheGate(repository, error);
  }
}

async function fromHeaders(repository: Repository, onFile: OnFile): Promise<Evidence> {
  const checkpoint = await findCheckpoint(repository);
  if (!checkpoint)
    throw new LlmSizeError("NO_WEIGHTS", { model: repository.id, found: describeContents(repository.files) });
  const { format } = checkpoint;
  const grounds = { source: repository.source, adapter: await readAdapter(repository), checkpoint };
  if (!isReadable(format)) return { ...grounds, ...(await describeFilesOnly(repository, checkpoint)) };
  for (const _ of listFiles(checkpoint)) onFile("known");
  const readings = await Promise.all(
    checkpoint.parts.map(async ({ folder, files }) => {
      const [own, header] = await Promise.all([
        readConfig(repository, folder),
        readHeaders(repository, format, files, () => onFile("read")),
      ]);
      // A GGUF file describes itself; a config.json beside it may be of the model it was made from.
      const config = header.config ?? own.config;
      return { folder, tensors: header.tensors, config, notes: header.config ? [] : own.notes };
    }),
  );
  return {
    ...grounds,
    kind: "headers",
    config: await readWholeConfig(repository, readings),
    parts: readings,
    // An adapter has no config.json of its own, and needs none.
    notes: [
      ...(grounds.adapter ? [] : readings.flatMap(({ notes }) => notes)),
      ...describeOrphans(checkpoint),
      ...describeChoice(checkpoint, repository, null),
    ],
  };
}

/** Formats of which a repository holds one file a quantization. */
const ONE_A_QUANTIZATION: ReadonlySet<WeightFormat> = new Set(["gguf", "onnx", "mediapipe", "litert"]);

/** Which of several quantizations the figures are of. */
function describeChoice(checkpoint: Checkpoint, { files, path }: Repository, config: Config | null): Note[] {
  const { format } = checkpoint;
  if (!ONE_A_QUANTIZATION.has(format) || path !== null) return [];
  const used = listFiles(checkpoint);
  const others = listAlternatives(files, new Set(used.map((file) => file.path)), config);
  const count = others.filter((other) => other.format === format).length;
  if (count === 0) return [];
  const message = `its download is that of ${used[0]?.path}, one of ${count + 1} ${format} quantizations`;
  return [{ code: "ONE_OF_SEVERAL", message }];
}

/** Of a format that cannot be read, the files' sizes are what is known. */
async function describeFilesOnly(repository: Repository, checkpoint: Checkpoint) {
  const { config } = await readConfig(repository, "").catch((error: unknown) => {
    if (!isFailure(error, "MODEL_GATED")) throw error;
    return { config: null }; // a gate hides no sizes
  });
  const message = `its ${checkpoint.format} files cannot be read from headers: sizes of files alone`;
  const notes: Note[] = [{ code: "FILES_ONLY", message }, ...describeChoice(checkpoint, repository, config)];
  return { kind: "files" as const, config, notes };
}

async function readAdapter(repository: Repository): Promise<Adapter | null> {
  if (!repository.files.some(({ path }) => path === "adapter_config.json")) return null;
  return parseAdapter(await readJson(repository, "adapter_config.json"));
}

/** A pipeline's own description is model_index.json; any other model's is the config of its first part. */
async function readWholeConfig(
  repository: Repository,
  parts: readonly EvidencePart[],
): Promise<Config | null> {
  const isPipeline = parts.length > 1 && repository.files.some(({ path }) => path === "model_index.json");
  return isPipeline
    ? buildPipelineConfig(await readJson(repository, "model_index.json"))
    : (parts[0]?.config ?? null);
}

function findCheckpoint(repository: Repository): Promise<Checkpoint | null> {
  const { id, files, path } = repository;
  return chooseCheckpoint(id, files, path, {
    readJson: (name) => readJson(repository, name),
    async readIndex(name) {
      const text = await repository.readText(name, MAX_INDEX_BYTES);
      try {
        return parseSafetensorsIndex(text);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        throw new LlmSizeError("MALFORMED_WEIGHTS", { model: id, path: name, reason: error.message });
      }
    },
  });
}

const MAX_JSON_BYTES = 1_000_000;

async function readJson(repository: Repository, path: string): Promise<unknown> {
  const text = await repository.readText(path, MAX_JSON_BYTES);
  try {
    return JSON.parse(text);
  } catch {
    throw new LlmSizeError("MALFORMED_WEIGHTS", { model: repository.id, path, reason: "it is not JSON" });
  }
}

/** A gate hides the bytes, not the listing or the Hub's totals. */
async function fromBehindTheGate(
  repository: Repository,
  gate: LlmSizeError<"MODEL_GATED">,
): Promise<Evidence> {
  const { summary } = repository;
  const catalog = repository.findInCatalog();
  const better = `${gate.message}; ${gate.hint}`;
  if (catalog && (summary === null || agrees(catalog, summary))) {
    const message = `${better}; shapes are from the built-in catalog`;
    return fromCatalog(repository, [{ code: "GATED_CATALOG", message }]);
  }
  if (summary === null) throw gate;
  const notes: Note[] = [{ code: "GATED_SUMMARY", message: `${better}; figures are from the Hub's summary` }];
  if (catalog)
    notes.push({
      code: "CATALOG_DIFFERS",
      message: "the built-in catalog knows another version of this model",
    });
  const checkpoint = await findCheckpoint(repository).catch(() => null); // an index is behind the gate too
  return {
    kind: "summary",
    source: repository.source,
    adapter: null,
    config: null,
    checkpoint,
    summary,
    notes,
  };
}

/** The Hub's total counts what is stored, or what it unpacks (openai/gpt-oss-20b), or what it once published. */
function agrees(catalog: CatalogModel, summary: HubSummary): boolean {
  const stored = catalog.tensors.reduce((sum, { shape }) => sum + shape.reduce((all, n) => all * n, 1), 0);
  return [catalog.publishedTotal, catalog.parameters, stored].includes(summary.total);
}

async function fromCatalog(repository: Repository, notes: readonly Note[]): Promise<Evidence> {
  const catalog = repository.findInCatalog();
  if (!catalog) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: repository.id });
  const { tensors } = catalog;
  const config = buildConfig(catalog.config);
  const checkpoint =
    repository.source === "catalog"
      ? describeCatalogFiles(repository)
      : await findCheckpoint(repository).catch(() => null);
  const parts = [{ folder: "", tensors, config }];
  return { kind: "headers", source: "catalog", adapter: null, config, checkpoint, parts, notes };
}

/** The catalog knows all files of a checkpoint or none. */
function describeCatalogFiles({ files }: Repository): Checkpoint | null {
  return files.length === 0
    ? null
    : { format: "safetensors", parts: [{ folder: "", files }], orphans: [], absent: [] };
}

function describeOrphans({ orphans, absent }: Checkpoint): Note[] {
  const notes: Note[] = [];
  if (absent.length > 0)
    notes.push({
      code: "COMPONENT_ABSENT",
      message: `the pipeline's ${absent.join(", ")} has no weights here; not counted`,
    });
  if (orphans.length === 0) return notes;
  const message = `${orphans.length} files look like shards but belong to no set, such as ${orphans[0]?.path}; not counted`;
  return [...notes, { code: "SHARDS_ORPHANED", message }];
}
