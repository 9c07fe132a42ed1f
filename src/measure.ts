/** reference → model: where it is, what is in it, how big it is. */
import { BUG_HINT, LlmSizeError } from "./errors.ts";
import { gatherEvidence, type Evidence } from "./evidence.ts";
import { listAlternatives, listFiles } from "./format/checkpoints.ts";
import { describeAnatomy } from "./model/anatomy.ts";
import { countParameters } from "./model/parameters.ts";
import { classifySize } from "./model/size-class.ts";
import { countSummary } from "./model/summary.ts";
import type { Note } from "./notes.ts";
import { computeSize, estimateSize, type Quantization } from "./quant/sizes.ts";
import type { Failure, ModelReport, Published, Report } from "./report/schema.ts";
import { openRepository, type Sources } from "./source/open.ts";
import type { Reference } from "./source/reference.ts";
import type { Repository } from "./source/repository.ts";
import { readVersion } from "./source/version.ts";

export interface Measurement {
  readonly sources: Sources;
  readonly quantizations: readonly Quantization[];
  readonly onProgress?: (progress: Progress) => void;
  /** Given an error that is no LlmSizeError: a bug. The other models are still measured. */
  readonly onBug?: (error: unknown) => void;
}

/** Weight files whose headers have been read, of those known so far. */
export interface Progress {
  readonly read: number;
  readonly known: number;
}

/** Measures all references in parallel; the report keeps the order typed. */
export async function measureReferences(
  references: readonly Reference[],
  measurement: Measurement,
): Promise<Report> {
  const progress = { read: 0, known: 0 };
  const onFile = (step: keyof Progress) => {
    progress[step]++;
    measurement.onProgress?.(progress);
  };
  const models: ModelReport[] = [];
  const failures: Failure[] = [];
  const outcomes = await Promise.allSettled(
    references.map((reference) => measureModel(reference, measurement, onFile)),
  );
  outcomes.forEach((outcome, index) => {
    if (outcome.status === "fulfilled") models.push(outcome.value);
    else failures.push(describeFailure(references[index]?.text ?? "", outcome.reason, measurement.onBug));
  });
  return {
    schemaVersion: 1,
    generator: { name: "llm-size", version: readVersion() },
    models,
    failures,
    verdicts: [],
    passed: null,
  };
}

async function measureModel(
  reference: Reference,
  { sources, quantizations }: Measurement,
  onFile: (step: keyof Progress) => void,
): Promise<ModelReport> {
  const repository = await openRepository(reference, sources);
  const evidence = await gatherEvidence(repository, onFile);
  const { counts, weights, notes } = count(repository.id, evidence);
  const { total } = counts;
  return {
    reference: reference.text,
    id: repository.id,
    revision: repository.revision,
    source: evidence.source,
    evidence: evidence.kind,
    architecture: evidence.config?.architecture ?? null,
    modelType: evidence.config?.modelType ?? null,
    parameters: counts,
    sizeClass: total ? classifySize(repository.id, total) : null,
    published: describePublished(repository, evidence),
    sizes: quantizations.map((quantization) =>
      weights && total !== null
        ? computeSize(quantization, weights, total)
        : estimateSize(quantization, total),
    ),
    memory: null,
    notes: [...repository.notes, ...describeToken(sources, repository), ...evidence.notes, ...notes],
  };
}

/** The parameters, and the weights they were counted on where their shapes are known. */
function count(model: string, evidence: Evidence) {
  if (evidence.kind === "summary") {
    const fileBytes = evidence.checkpoint && sumBytes(listFiles(evidence.checkpoint));
    return { ...countSummary(evidence.summary, fileBytes), weights: null };
  }
  const anatomy = describeAnatomy(model, evidence.parts);
  const counts = countParameters(anatomy, evidence.config);
  const notes = [...anatomy.notes];
  if (counts.total !== null && counts.active === null)
    notes.push({ code: "ACTIVE_UNKNOWN", message: "how many experts a token is routed to is not known" });
  return { counts, notes, weights: anatomy.weights };
}

function describePublished({ files, source }: Repository, evidence: Evidence): Published | null {
  const repositoryBytes = source === "catalog" ? null : sumBytes(files);
  const { checkpoint } = evidence;
  if (checkpoint) {
    const used = listFiles(checkpoint);
    return {
      format: checkpoint.format,
      bytes: sumBytes(used),
      basis: "published",
      files: used.map(({ path, bytes }) => ({ path, bytes })),
      repositoryBytes,
      alternatives: listAlternatives(files, new Set(used.map(({ path }) => path))).map((alternative) => ({
        ...alternative,
        files: [...alternative.files],
      })),
    };
  }
  if (evidence.kind === "summary") return null;
  // The catalog knows this model's tensors but not its files, which are larger by a header each (about 0.01 %).
  const bytes = sumBytes(evidence.parts.flatMap(({ tensors }) => tensors));
  return { format: "safetensors", bytes, basis: "computed", files: [], repositoryBytes, alternatives: [] };
}

function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

function describeToken({ hub }: Sources, { source }: Repository): Note[] {
  if (source !== "hub" || !hub.tokenRefused) return [];
  return [
    { code: "TOKEN_REFUSED", message: "the Hub refused the token (expired or mistyped?); read without it" },
  ];
}

function describeFailure(reference: string, error: unknown, onBug: Measurement["onBug"]): Failure {
  if (error instanceof LlmSizeError) {
    const { code, message, hint, retryable } = error;
    return { reference, code, message, hint, retryable };
  }
  onBug?.(error);
  const message = `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
  return { reference, code: "BUG", message, hint: BUG_HINT, retryable: false };
}
