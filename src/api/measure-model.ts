/** One reference → a measured model: loaded, sized, and written as the document that is printed. */
import { LlmSizeError } from "../errors.ts";
import { findUnsafeNumber } from "../contract/safe-numbers.ts";
import type { ModelReport } from "../contract/types.ts";
import type { MemoryOptions } from "../memory/memory-options.ts";
import type { DraftModel, MemoryInput } from "../memory/memory-plan.ts";
import type { Reference } from "../source/reference.ts";
import { buildMemoryInput, sizeModel, type MeasuredModel } from "./document.ts";
import { loadModel, type LoadedModel } from "./load.ts";
import { inTime, type MeasureOptions } from "./measure-options.ts";

/** Measure one model. Throws LlmSizeError. */
export async function measureModel(reference: Reference, options: MeasureOptions): Promise<MeasuredModel> {
  return inTime(reference, options, async (places, reading) =>
    sizeLoaded(await loadModel(reference, places, reading), options, reading.checkTime),
  );
}

/** Compute what the options ask for. Throws MALFORMED_WEIGHTS. */
export async function sizeLoaded(
  loaded: LoadedModel,
  { quantizations, memory, planMemory, signal }: MeasureOptions,
  checkTime: MeasuredModel["checkTime"],
): Promise<MeasuredModel> {
  signal?.throwIfAborted(); // the catalog may have answered in place of the Hub
  const sized = sizeModel(loaded, quantizations, checkTime);
  checkNumbers(sized.document);
  const plan = planMemory ?? (memory && (await importPlan(memory)));
  if (!plan) return sized;
  checkTime();
  const planned = { ...sized.document, memory: plan(buildMemoryInput(sized)) };
  checkNumbers(planned);
  return { ...sized, document: planned };
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
