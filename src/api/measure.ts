/** references → report: every model examined, counted and sized. */
import pMap from "p-map";
import { BUG_HINT, LlmSizeError } from "../errors.ts";
import type { OnFile } from "./evidence.ts";
import { examineModel, type Examination } from "./load.ts";
import { listAlternatives, listFiles } from "../format/checkpoints.ts";
import { listCompanions } from "../format/companions.ts";
import { classifySize } from "../model/size-class.ts";
import { restorePlainNames } from "../quant/gguf/plain-names.ts";
import type { MemoryPlan, MemorySubject } from "../memory/memory-plan.ts";
import { countCompanions, describeMemorySubject } from "./memory-subject.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import { computeBitsPerWeight, computeSize, estimateSize } from "../quant/sizes.ts";
import type { Failure, ModelReport, Published, Report } from "../contract/report.ts";
import { sumBytes } from "../source/repository.ts";
import type { Sources } from "../source/open.ts";
import { parseReference, type Reference } from "../source/reference.ts";
import { readVersion } from "../source/version.ts";

export interface Measurement {
  readonly sources: Sources;
  readonly quantizations: readonly Quantization[];
  /** Plan the memory at a context length, too. */
  readonly planMemory?: PlanMemory;
  /** Measure the base model of an adapter beside it. */
  readonly withBase: boolean;
  readonly onProgress?: (progress: Progress) => void;
  /** Given an error that is no LlmSizeError: a bug. The other models are still measured. */
  readonly onBug?: (error: unknown) => void;
}

/** Plans the memory of a model in each of its sizes; null where nothing is to be planned. See `planMemory` of src/fit. */
export type PlanMemory = (subject: MemorySubject) => MemoryPlan | null;

/** Weight files whose headers have been read, of those known so far. */
export interface Progress {
  readonly read: number;
  readonly known: number;
}

/** Beyond it a list of models is not measured faster; see also the Hub's limit on requests. */
const MODELS_AT_A_TIME = 16;

/** What became of one reference: its model, and beside an adapter its base; or why there is none. */
export type Outcome = Pick<Report, "models" | "failures">;

/** Measures all references in parallel; the report keeps the order typed. */
export async function measureReferences(
  references: readonly (Reference | InvalidReference)[],
  measurement: Measurement,
): Promise<Report> {
  const outcomes = new Map<Reference | InvalidReference, Outcome>();
  await measureEach(references, measurement, async (outcome, reference) => {
    outcomes.set(reference, outcome);
  });
  const inOrder = references.flatMap((reference) => outcomes.get(reference) ?? []);
  return {
    ...startReport(),
    models: inOrder.flatMap(({ models }) => models),
    failures: inOrder.flatMap(({ failures }) => failures),
    verdicts: [],
    passed: null,
    changes: [],
  };
}

/** A line of a list that names no model; measured, it is a failure like others. */
export interface InvalidReference {
  readonly kind: "invalid";
  readonly text: string;
  readonly error: LlmSizeError;
}

/** Measures references as they come, hands over each outcome as it is there, and keeps none. */
export async function measureEach<Item extends Reference | InvalidReference>(
  references: Iterable<Item> | AsyncIterable<Item>,
  { sources, quantizations, planMemory, withBase, onProgress, onBug }: Measurement,
  onOutcome: (outcome: Outcome, reference: Item) => Promise<void>,
): Promise<void> {
  const onFile = trackProgress(onProgress);
  const measure = (reference: Reference) =>
    sources.hub.giveTime(async (hub) =>
      describeModel(await examineModel(reference, { ...sources, hub }, onFile), quantizations, planMemory),
    );
  const measureOne = async (reference: Item): Promise<Outcome> => {
    try {
      if (reference.kind === "invalid") throw reference.error;
      const model = await measure(reference);
      if (withBase && model.adapter) return await besideBase(model, measure, sources);
      return { models: [model], failures: [] };
    } catch (error) {
      return { models: [], failures: [describeFailure(reference.text, error, onBug)] };
    }
  };
  await pMap(
    references,
    async (reference) => {
      await onOutcome(await measureOne(reference), reference);
    },
    { concurrency: MODELS_AT_A_TIME },
  );
}

/**
 * An adapter and the model it belongs on. A base that cannot be measured costs only the comparison, and is said; one
 * that could be another time is a failure of the reference, so that it is tried again.
 */
async function besideBase(
  model: ModelReport,
  measure: (reference: Reference) => Promise<ModelReport>,
  { hub }: Sources,
): Promise<Outcome> {
  const { adapter } = model;
  if (!adapter || adapter.base === null) return { models: [model], failures: [] };
  try {
    const reference = parseReference(adapter.base, hub.settings.endpoint);
    // A stranger's file must not make us read this disk.
    if (reference.kind === "path")
      throw new LlmSizeError("PATH_NOT_FOUND", { path: adapter.base, reason: NOT_HERE });
    const base = await measure(reference);
    const { total } = model.parameters;
    const shareOfBase = total !== null && base.parameters.total ? total / base.parameters.total : null;
    return { models: [{ ...model, adapter: { ...adapter, shareOfBase } }, base], failures: [] };
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    const { code, hint, retryable } = error;
    const message = `its base was not measured: ${error.message}`;
    if (retryable) {
      const failure = {
        reference: model.reference,
        code,
        message: `${model.id}: ${message}`,
        hint,
        retryable,
      };
      return { models: [model], failures: [failure] };
    }
    return {
      models: [{ ...model, notes: [...model.notes, { code: "BASE_UNMEASURED", message }] }],
      failures: [],
    };
  }
}

const NOT_HERE = "is a path on its author's disk";

/** Adds up what happens to the files of all models. */
export function trackProgress(onProgress: Measurement["onProgress"]): OnFile {
  const progress = { read: 0, known: 0 };
  return (step) => {
    progress[step]++;
    onProgress?.(progress);
  };
}

/** What every JSON document of the program begins with. */
export function startReport(): Pick<Report, "schemaVersion" | "generator"> {
  return { schemaVersion: 1, generator: { name: "llm-size", version: readVersion() } };
}

/** One model as the report has it. */
export function describeModel(
  examination: Examination,
  quantizations: readonly Quantization[],
  planMemory?: PlanMemory,
): ModelReport {
  const { reference, repository, evidence, counts, notes } = examination;
  const { total } = counts;
  const findPublished = listPublished(examination);
  const subject = describeSubject(examination);
  const companions = repository.repositoryBytes === null ? null : listCompanions(repository.files);
  const sized = quantizations.map((quantization) => ({
    quantization,
    size:
      subject && total !== null
        ? computeSize(quantization, subject, {
            parameters: total,
            publishedBytes: findPublished(quantization),
          })
        : estimateSize(quantization, total),
  }));
  return {
    reference: reference.text,
    id: repository.id,
    revision: repository.revision,
    source: evidence.source,
    evidence: evidence.kind,
    architecture: evidence.config?.architecture ?? null,
    modelType: evidence.config?.modelType ?? null,
    adapter: evidence.adapter && {
      ...evidence.adapter,
      targets: [...evidence.adapter.targets],
      shareOfBase: null,
    },
    parameters: counts,
    sizeClass: total ? classifySize(repository.id, total) : null,
    published: describePublished(examination),
    sizes: sized.map(({ quantization, size: { largestArrayBytes, ...size } }) => ({
      ...size,
      companionBytes:
        quantization.ecosystem.name === "level" ? null : countCompanions(quantization, companions),
    })),
    companions,
    memory: planMemory?.(describeMemorySubject(examination, sized, companions)) ?? null,
    notes: [...notes],
  };
}

/** The model as the schemes know it: by the names of a Hugging Face checkpoint. */
export function describeSubject({ anatomy, evidence }: Examination): LogicalModel | null {
  if (!anatomy) return null;
  const isGguf = evidence.checkpoint?.format === "gguf";
  const weights = isGguf ? restorePlainNames(anatomy.weights) : anatomy.weights;
  return { weights, config: evidence.config };
}

/** Files of the repository that are the very ones a scheme would write. */
function listPublished({ repository, evidence }: Examination): (quantization: Quantization) => number | null {
  let byName: Map<string, number> | null = null;
  return ({ name, ecosystem }) => {
    if (ecosystem.name === "level") return null;
    byName ??= new Map(
      listAlternatives(repository.files, new Set(), evidence.config)
        .filter(({ format }) => format === "gguf" || format === "onnx")
        .map(({ format, label, bytes }) => [`${format}:${label}`, bytes]),
    );
    return byName.get(name) ?? null;
  };
}

function describePublished({ repository, evidence, counts }: Examination): Published | null {
  const { files, repositoryBytes } = repository;
  const { checkpoint } = evidence;
  if (checkpoint) {
    const used = listFiles(checkpoint);
    const bytes = sumBytes(used);
    return {
      format: checkpoint.format,
      bytes,
      basis: "published",
      bitsPerWeight: computeBitsPerWeight(bytes, counts.total),
      files: used.map((file) => ({ path: file.path, bytes: file.bytes })),
      repositoryBytes,
      alternatives: listAlternatives(files, new Set(used.map(({ path }) => path)), evidence.config),
    };
  }
  if (evidence.kind !== "headers") return null;
  // The catalog knows this model's tensors but not its files, which are larger by a header each (about 0.01 %).
  const bytes = sumBytes(evidence.parts.flatMap(({ tensors }) => tensors));
  return {
    format: "safetensors",
    bytes,
    basis: "computed",
    bitsPerWeight: computeBitsPerWeight(bytes, counts.total),
    files: [],
    repositoryBytes,
    alternatives: [],
  };
}

/** A model that could not be measured, as the report has it. */
export function describeFailure(reference: string, error: unknown, onBug: Measurement["onBug"]): Failure {
  if (error instanceof LlmSizeError) {
    const { code, message, hint, retryable } = error;
    return { reference, code, message, hint, retryable };
  }
  onBug?.(error);
  const message = `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
  return { reference, code: "BUG", message, hint: BUG_HINT, retryable: false };
}
