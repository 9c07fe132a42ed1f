/** references → measured models: each loaded, sized, and written as the document that is printed. */
import { BUG_HINT, LlmSizeError } from "../errors.ts";
import { findUnsafeNumber } from "../contract/safe-numbers.ts";
import type { DocumentHeader, Failure, MemoryReport, ModelReport, Report } from "../contract/types.ts";
import type { MemoryOptions } from "../memory/memory-options.ts";
import type { DraftModel, MemoryInput } from "../memory/memory-plan.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { Sources } from "../source/sources.ts";
import { workInParallel } from "../source/in-parallel.ts";
import { parseReference, type InvalidReference, type Reference } from "../source/reference.ts";
import { readStream } from "../source/streams.ts";
import { VERSION } from "../contract/version.ts";
import { buildMemoryInput, sizeModel, type MeasuredModel } from "./document.ts";
import { loadModel } from "./load.ts";
import type { OnFile } from "./read-model.ts";

export interface MeasureOptions {
  readonly sources: Sources;
  readonly quantizations: readonly Quantization[];
  /** Plan memory under these conditions. */
  readonly memory?: MemoryOptions | undefined;
  /** Plan memory otherwise: on devices. */
  readonly planMemory?: (input: MemoryInput) => MemoryReport;
  /** Also measure the base model of an adapter. */
  readonly withBase?: boolean;
  readonly onFile?: OnFile;
  /** Stops measuring when aborted; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Called with an error that is not an LlmSizeError: a bug. The other models are still measured. */
  readonly onBug?: (error: unknown) => void;
}

/** The result for one reference: its model, after an adapter also its base; or why there is none. */
export interface Outcome<Item = Reference | InvalidReference> {
  readonly reference: Item;
  readonly models: readonly MeasuredModel[];
  readonly failures: readonly Failure[];
}

/** More models at a time are not measured faster; the Hub also limits requests. */
const MODELS_AT_A_TIME = 16;

/** Measure one model. Throws LlmSizeError. */
async function measureModel(
  reference: Reference,
  { sources, quantizations, memory, planMemory, signal, onFile = () => {} }: MeasureOptions,
): Promise<MeasuredModel> {
  const places = reference.kind === "ollama" ? { ...sources, ...(await sources.connectRegistry()) } : sources;
  return places.hub.withDeadline(async (hub) => {
    const checkTime = () => hub.checkTime(reference.text);
    const loaded = await loadModel(reference, { ...places, hub }, { onFile, checkTime });
    signal?.throwIfAborted(); // the catalog may have answered in place of the Hub
    const sized = sizeModel(loaded, quantizations, checkTime);
    checkNumbers(sized.document);
    const plan = planMemory ?? (memory && (await importPlan(memory)));
    if (!plan) return sized;
    checkTime();
    const planned = { ...sized.document, memory: plan(buildMemoryInput(sized)) };
    checkNumbers(planned);
    return { ...sized, document: planned };
  });
}

/** Import what only a run that plans memory needs. */
async function importPlan(options: MemoryOptions) {
  const { planMemory } = await import("../memory/memory-plan.ts");
  return (input: MemoryInput) => planMemory(input, options);
}

/** Measure a model that drafts for others: in the quantization that its reference names, or else in theirs. Throws LlmSizeError. */
export async function measureDraft(
  reference: Reference,
  options: Omit<MeasureOptions, "memory" | "planMemory">,
): Promise<DraftModel> {
  const model = await measureModel(reference, options);
  return { ...buildMemoryInput(model), id: model.document.id };
}

/** Refuse a model with numbers that JSON cannot hold exactly, such as files of 2^53 bytes. Throws MALFORMED_WEIGHTS. */
function checkNumbers(document: ModelReport): void {
  const path = findUnsafeNumber(document);
  if (path === null) return;
  const reason = "it is beyond 2^53, where numbers are not exact";
  throw new LlmSizeError("MALFORMED_WEIGHTS", { model: document.id, path, reason });
}

/** Measure one reference; what goes wrong is an entry of `failures`. */
export async function measureOne<Item extends Reference | InvalidReference>(
  reference: Item,
  options: MeasureOptions,
): Promise<Outcome<Item>> {
  try {
    if (reference.kind === "invalid") throw reference.error;
    const model = await measureModel(reference, options);
    const base = options.withBase ? await measureBase(model, options) : { models: [model], failures: [] };
    return { reference, ...base };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { reference, models: [], failures: [buildFailure(reference.text, error, options.onBug)] };
  }
}

/** Measure references as they come and yield each outcome once it is there. Keeps none, so that memory stays flat. */
export async function* measureEach<Item extends Reference | InvalidReference>(
  references: Iterable<Item> | AsyncIterable<Item>,
  options: MeasureOptions,
): AsyncGenerator<Outcome<Item>> {
  const { readable, writable } = new TransformStream<Outcome<Item>, Outcome<Item>>();
  const writer = writable.getWriter();
  // A worker waits until its outcome is taken.
  const work = workInParallel(references, MODELS_AT_A_TIME, async (one) =>
    writer.write(await measureOne(one, options)),
  );
  const ended = work.then(
    () => writer.close(),
    (error) => writer.abort(error),
  );
  ended.catch(() => {}); // nobody reads any more
  yield* readStream(readable);
}

/** Measure all references in parallel and build the report, in their order, without verdicts. */
export async function measureReport(
  references: readonly (Reference | InvalidReference)[],
  options: MeasureOptions,
): Promise<Report> {
  const documents = new Map(references.map((reference) => [reference, NOTHING]));
  await workInParallel(references, MODELS_AT_A_TIME, async (reference) => {
    documents.set(reference, toDocuments(await measureOne(reference, options)));
  });
  return buildReport([...documents.values()]);
}

/** The part of an outcome that is printed, and all of it that many models leave in memory. */
export type Documents = Pick<Report, "models" | "failures">;

const NOTHING: Documents = { models: [], failures: [] };

export function toDocuments({ models, failures }: Pick<Outcome, "models" | "failures">): Documents {
  return { models: models.map(({ document }) => document), failures: [...failures] };
}

export function buildReport(documents: readonly Documents[]): Report {
  return {
    ...startReport(),
    models: documents.flatMap(({ models }) => models),
    failures: documents.flatMap(({ failures }) => failures),
    verdicts: [],
    passed: null,
    changes: [],
    code: null,
  };
}

/** Build the keys that every JSON document begins with. */
export function startReport(): DocumentHeader {
  return { schemaVersion: 1, generator: { name: "llm-size", version: VERSION } };
}

/** Build the failure of a model that could not be measured. */
export function buildFailure(reference: string, error: unknown, onBug: MeasureOptions["onBug"]): Failure {
  if (error instanceof LlmSizeError) {
    const { code, message, hint, retryable } = error;
    return { reference, code, message, hint, retryable };
  }
  onBug?.(error);
  const message = `unexpected error: ${error instanceof Error ? error.message : String(error)}`;
  return { reference, code: "BUG", message, hint: BUG_HINT, retryable: false };
}

/**
 * Measure the base model of an adapter. A base that cannot be measured costs only the comparison and leaves a note; one
 * that may be measurable later is a failure of the reference, so that it is tried again.
 */
async function measureBase(
  model: MeasuredModel,
  options: MeasureOptions,
): Promise<Pick<Outcome, "models" | "failures">> {
  const { document } = model;
  const { adapter } = document;
  if (!adapter || adapter.base === null) return { models: [model], failures: [] };
  try {
    const reference = parseReference(adapter.base, options.sources.hub.settings.endpoint);
    // A stranger's file must not make us read this disk.
    if (reference.kind === "path")
      throw new LlmSizeError("PATH_NOT_FOUND", { path: adapter.base, reason: NOT_HERE });
    const sources = { ...options.sources, ignoresFolders: true };
    const base = await measureModel(reference, { ...options, sources });
    const { total } = model.counts;
    const shareOfBase = total !== null && base.counts.total ? total / base.counts.total : null;
    const compared = { ...model, document: { ...document, adapter: { ...adapter, shareOfBase } } };
    return { models: [compared, base], failures: [] };
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    const message = `its base was not measured: ${error.message}`;
    if (error.retryable) {
      const failure = buildFailure(document.reference, error, options.onBug);
      return { models: [model], failures: [{ ...failure, message: `${document.id}: ${message}` }] };
    }
    const notes = [...document.notes, { code: "BASE_UNMEASURED" as const, message }];
    return { models: [{ ...model, notes, document: { ...document, notes } }], failures: [] };
  }
}

const NOT_HERE = "is a path on its author's disk";
