/** references → outcomes, and the report of them. */
import { BUG_HINT, LlmSizeError } from "../errors.ts";
import type { DocumentHeader, Failure, Report } from "../contract/types.ts";
import { VERSION } from "../contract/version.ts";
import { workInParallel } from "../source/in-parallel.ts";
import { parseReference, type InvalidReference, type Reference } from "../source/reference.ts";
import { readStream } from "../source/streams.ts";
import type { MeasuredModel } from "./document.ts";
import type { MeasureOptions } from "./measure-options.ts";

type Documented = Pick<MeasuredModel, "document">;
type Measure<Measured> = (reference: Reference, options: MeasureOptions) => Promise<Measured>;

/** The result for one reference: its model, after an adapter also its base; or why there is none. */
export interface Outcome<Item = Reference | InvalidReference, Measured = MeasuredModel> {
  readonly reference: Item;
  readonly models: readonly Measured[];
  readonly failures: readonly Failure[];
}

/** More models at a time are not measured faster; the Hub also limits requests. */
const MODELS_AT_A_TIME = 16;

/** Measure one reference; what goes wrong is an entry of `failures`. */
export async function measureOne<Item extends Reference | InvalidReference>(
  reference: Item,
  options: MeasureOptions,
): Promise<Outcome<Item>> {
  const { measureModel } = await import("./measure-model.ts"); // a run may find the results that it prints
  return measureWith(measureModel, reference, options);
}

/** The part of an outcome that is printed, and all of it that many models leave in memory. */
export type Documents = Pick<Report, "models" | "failures">;

/** Measure one reference in the way that is given: in full, or for its document alone. */
export async function measureWith<Item extends Reference | InvalidReference, Measured extends Documented>(
  measure: Measure<Measured>,
  reference: Item,
  options: MeasureOptions,
): Promise<Outcome<Item, Measured>> {
  try {
    if (reference.kind === "invalid") throw reference.error;
    const model = await measure(reference, options);
    if (!options.withBase) return { reference, models: [model], failures: [] };
    return { reference, ...(await measureBase(measure, model, options)) };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { reference, models: [], failures: [buildFailure(reference.text, error, options.onBug)] };
  }
}

/** Measure references as they come and yield each result once it is there. Keeps none, so that memory stays flat. */
export async function* measureEach<Item, Result>(
  references: Iterable<Item> | AsyncIterable<Item>,
  measure: (reference: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const { readable, writable } = new TransformStream<Result, Result>();
  const writer = writable.getWriter();
  // A worker waits until its result is taken.
  const work = workInParallel(references, MODELS_AT_A_TIME, async (one) => writer.write(await measure(one)));
  const ended = work.then(
    () => writer.close(),
    (error) => writer.abort(error),
  );
  ended.catch(() => {}); // nobody reads any more
  yield* readStream(readable);
}

/** Measure all references in parallel and build the report, in their order, without verdicts. */
export async function collectReport(
  references: readonly (Reference | InvalidReference)[],
  measure: (reference: Reference | InvalidReference) => Promise<Documents>,
): Promise<Report> {
  const documents = new Map<Reference | InvalidReference, Documents>();
  await workInParallel(references, MODELS_AT_A_TIME, async (reference) => {
    documents.set(reference, await measure(reference));
  });
  return buildReport(references.flatMap((reference) => documents.get(reference) ?? []));
}

export function toDocuments({
  models,
  failures,
}: Pick<Outcome<unknown, Documented>, "models" | "failures">): Documents {
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
async function measureBase<Measured extends Documented>(
  measure: Measure<Measured>,
  model: Measured,
  options: MeasureOptions,
): Promise<Pick<Outcome<never, Measured>, "models" | "failures">> {
  const { document } = model;
  const { adapter, parameters } = document;
  if (!adapter || adapter.base === null) return { models: [model], failures: [] };
  try {
    const reference = parseReference(adapter.base, options.sources.hub.settings.endpoint);
    // A stranger's file must not make us read this disk.
    if (reference.kind === "path")
      throw new LlmSizeError("PATH_NOT_FOUND", { path: adapter.base, reason: NOT_HERE });
    const sources = { ...options.sources, ignoresFolders: true };
    const base = await measure(reference, { ...options, sources });
    const whole = base.document.parameters.total;
    const shareOfBase = parameters.total !== null && whole ? parameters.total / whole : null;
    const compared = { ...document, adapter: { ...adapter, shareOfBase } };
    return { models: [Object.assign({}, model, { document: compared }), base], failures: [] };
  } catch (error) {
    if (!(error instanceof LlmSizeError)) throw error;
    const message = `its base was not measured: ${error.message}`;
    if (error.retryable) {
      const failure = buildFailure(document.reference, error, options.onBug);
      return { models: [model], failures: [{ ...failure, message: `${document.id}: ${message}` }] };
    }
    const notes = [...document.notes, { code: "BASE_UNMEASURED" as const, message }];
    return { models: [Object.assign({}, model, { document: { ...document, notes } })], failures: [] };
  }
}

const NOT_HERE = "is a path on its author's disk";
