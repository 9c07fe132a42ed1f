/** The files of a repository → its checkpoint, tensors and configs. */
import { isFailure, LlmSizeError } from "../errors.ts";
import { chooseCheckpoint, listAlternatives, listFiles, type Checkpoint } from "../format/checkpoints.ts";
import { buildPipelineConfig, type Config } from "../format/config.ts";
import { describeContents } from "../format/contents.ts";
import { inFile, MalformedError } from "../format/malformed.ts";
import { MAX_INDEX_BYTES, parseSafetensorsIndex } from "../format/safetensors-index.ts";
import type { Tensor } from "../format/tensor.ts";
import type { WeightFormat } from "../format/weight-file.ts";
import { parseAdapter, type Adapter } from "../model/adapter.ts";
import type { Note } from "../notes.ts";
import { readConfig } from "../format/read-config.ts";
import { isReadable, readHeaders } from "../format/read-headers.ts";
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
  /** The files a loader would fetch; null where these are not known. */
  readonly checkpoint: Checkpoint | null;
  /** Empty unless the evidence is `headers`. */
  readonly parts: readonly ModelPart[];
  readonly notes: readonly Note[];
}

/** Called with what has just happened to one weight file. */
export type OnFile = (step: "known" | "read") => void;

/** Read the headers of all weight files. Throws NO_WEIGHTS, MalformedError and the errors of the source. */
export async function readModel(repository: Repository, onFile: OnFile): Promise<ModelContents> {
  const checkpoint = await readCheckpoint(repository);
  if (!checkpoint)
    throw new LlmSizeError("NO_WEIGHTS", { model: repository.id, found: describeContents(repository.files) });
  const { format } = checkpoint;
  const found = { source: repository.source, adapter: await readAdapter(repository), checkpoint };
  if (!isReadable(format)) return { ...found, ...(await readSizesOnly(repository, checkpoint)) };
  for (const _ of listFiles(checkpoint)) onFile("known");
  const readings = await Promise.all(
    checkpoint.parts.map(async ({ folder, files }) => {
      const [own, header] = await Promise.all([
        readConfig(repository, folder),
        readHeaders(repository, format, files, () => onFile("read")),
      ]);
      // A GGUF file describes itself; a config.json next to it may be of the model it was made from.
      const config = header.config ?? own.config;
      return { folder, tensors: header.tensors, config, notes: header.config ? [] : own.notes };
    }),
  );
  return {
    ...found,
    evidence: "headers",
    config: await readWholeConfig(repository, readings),
    parts: readings,
    // An adapter does not need a config.json.
    notes: [
      ...(found.adapter ? [] : readings.flatMap(({ notes }) => notes)),
      ...buildOrphanNotes(checkpoint),
      ...buildChoiceNotes(checkpoint, repository, null),
    ],
  };
}

/** Formats with one file per quantization in a repository. */
const ONE_FILE_PER_QUANTIZATION: ReadonlySet<WeightFormat> = new Set(["gguf", "onnx", "mediapipe", "litert"]);

/** Build the note that says which of several quantizations was measured. */
function buildChoiceNotes(
  checkpoint: Checkpoint,
  { files, file }: Repository,
  config: Config | null,
): Note[] {
  const { format } = checkpoint;
  if (!ONE_FILE_PER_QUANTIZATION.has(format) || file !== null) return [];
  const used = listFiles(checkpoint);
  const others = listAlternatives(files, new Set(used.map(({ path }) => path)), config);
  const count = others.filter((other) => other.format === format).length;
  if (count === 0) return [];
  const message = `its download is that of ${used[0]?.path}, one of ${count + 1} ${format} quantizations`;
  return [{ code: "ONE_OF_SEVERAL", message }];
}

/** Read what is known of a format without readable headers: the sizes of its files. */
async function readSizesOnly(repository: Repository, checkpoint: Checkpoint) {
  const { config } = await readConfig(repository, "").catch((error: unknown) => {
    if (!isFailure(error, "MODEL_GATED")) throw error;
    return { config: null }; // sizes are listed in front of a gate too
  });
  const message = `its ${checkpoint.format} files cannot be read from headers: sizes of files alone`;
  const notes: Note[] = [
    { code: "FILES_ONLY", message },
    ...buildChoiceNotes(checkpoint, repository, config),
  ];
  return { evidence: "files" as const, config, parts: [], notes };
}

async function readAdapter(repository: Repository): Promise<Adapter | null> {
  if (!repository.files.some(({ path }) => path === "adapter_config.json")) return null;
  return parseAdapter(await readJson(repository, "adapter_config.json"));
}

/** Read model_index.json of a pipeline; for any other model, take the config of its first part. */
async function readWholeConfig(repository: Repository, parts: readonly ModelPart[]): Promise<Config | null> {
  const isPipeline = parts.length > 1 && repository.files.some(({ path }) => path === "model_index.json");
  return isPipeline
    ? buildPipelineConfig(await readJson(repository, "model_index.json"))
    : (parts[0]?.config ?? null);
}

/** Choose the files that a loader would fetch; null where there are none. Throws MalformedError. */
export function readCheckpoint(repository: Repository): Promise<Checkpoint | null> {
  const { id, files } = repository;
  return chooseCheckpoint(id, files, repository.file, {
    readJson: (name) => readJson(repository, name),
    async readIndex(name) {
      const text = await repository.readText(name, MAX_INDEX_BYTES);
      return inFile(name, () => parseSafetensorsIndex(text));
    },
  });
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

function buildOrphanNotes({ orphans, absent }: Checkpoint): Note[] {
  const notes: Note[] = [];
  if (absent.length > 0)
    notes.push({
      code: "COMPONENT_ABSENT",
      message: `the weights of the pipeline's ${absent.join(", ")} are missing here; not counted`,
    });
  if (orphans.length === 0) return notes;
  const message = `${orphans.length} files look like shards but belong to no set, such as ${orphans[0]?.path}; not counted`;
  return [...notes, { code: "SHARDS_ORPHANED", message }];
}
