/** What a measurement rests on: the headers of all weight files, or, behind a gate, the next best thing. */
import { isFailure, LlmSizeError } from "./errors.ts";
import { findSafetensors, type Checkpoint } from "./format/checkpoints.ts";
import { MalformedError } from "./format/malformed.ts";
import { describeContents } from "./format/contents.ts";
import { MAX_INDEX_BYTES, parseSafetensorsIndex } from "./format/safetensors-index.ts";
import type { Tensor } from "./format/tensor.ts";
import type { Config } from "./model/config.ts";
import type { HubSummary } from "./model/summary.ts";
import type { Note } from "./notes.ts";
import { readConfig } from "./source/read-config.ts";
import { readTensors } from "./source/read-headers.ts";
import type { Repository, SourceName } from "./source/repository.ts";

interface Grounds {
  readonly source: SourceName;
  readonly config: Config | null;
  /** The files a loader would fetch; null where they cannot be told. */
  readonly checkpoint: Checkpoint | null;
  readonly notes: readonly Note[];
}

export type Evidence =
  | (Grounds & { readonly kind: "headers"; readonly tensors: readonly Tensor[] })
  | (Grounds & { readonly kind: "summary"; readonly summary: HubSummary });

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
  for (const _ of checkpoint.files) onFile("known");
  const [{ config, notes }, tensors] = await Promise.all([
    readConfig(repository),
    readTensors(repository, checkpoint.files, () => onFile("read")),
  ]);
  const { source } = repository;
  return {
    kind: "headers",
    source,
    config,
    checkpoint,
    tensors,
    notes: [...notes, ...describeOrphans(checkpoint)],
  };
}

function findCheckpoint(repository: Repository): Promise<Checkpoint | null> {
  return findSafetensors(repository.id, repository.files, async (path) => {
    const text = await repository.readText(path, MAX_INDEX_BYTES);
    try {
      return parseSafetensorsIndex(text);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new LlmSizeError("MALFORMED_WEIGHTS", { model: repository.id, path, reason: error.message });
    }
  });
}

/** A gate hides the bytes, not the listing or the Hub's totals. */
async function fromBehindTheGate(
  repository: Repository,
  gate: LlmSizeError<"MODEL_GATED">,
): Promise<Evidence> {
  const { catalog, summary } = repository;
  const { hint } = gate;
  const better = `${gate.message}; ${hint}`;
  if (catalog && (summary === null || agrees(catalog, summary)))
    return fromCatalog(repository, [
      { code: "GATED_CATALOG", message: `${better}; shapes are from the built-in catalog` },
    ]);
  if (summary === null) throw gate;
  const notes: Note[] = [{ code: "GATED_SUMMARY", message: `${better}; figures are from the Hub's summary` }];
  if (catalog)
    notes.push({
      code: "CATALOG_DIFFERS",
      message: "the built-in catalog knows another version of this model",
    });
  const checkpoint = await findCheckpoint(repository).catch(() => null); // an index is behind the gate too
  return { kind: "summary", source: repository.source, config: null, checkpoint, summary, notes };
}

/** The Hub's total counts what is stored, or what it unpacks (openai/gpt-oss-20b), or what it once published. */
function agrees(catalog: NonNullable<Repository["catalog"]>, summary: HubSummary): boolean {
  const stored = catalog.tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
    0,
  );
  return [catalog.publishedTotal, catalog.parameters, stored].includes(summary.total);
}

async function fromCatalog(repository: Repository, notes: readonly Note[]): Promise<Evidence> {
  const { catalog } = repository;
  if (!catalog) throw new LlmSizeError("NOT_AVAILABLE_OFFLINE", { model: repository.id });
  const checkpoint = await findCheckpoint(repository).catch(() => null);
  return {
    kind: "headers",
    source: "catalog",
    config: catalog.config,
    checkpoint,
    tensors: catalog.tensors,
    notes,
  };
}

function describeOrphans({ orphans }: Checkpoint): Note[] {
  if (orphans.length === 0) return [];
  const message = `${orphans.length} files look like shards but belong to no set, such as ${orphans[0]?.path}; not counted`;
  return [{ code: "SHARDS_ORPHANED", message }];
}
