/** The library for browsers, workers, Deno and Bun: the same functions over `fetch`, without anything of Node.js. */
import { countProgress, type Progress, type RequestOptions, type SizeOptions } from "./api/library.ts";
import type { MeasureOptions as ModelOptions } from "./api/measure-options.ts";
// A page keeps no results: it measures every model.
import "./api/measure-model.ts";
import { collectReport, measureEach as measureEachItem, measureOne, toDocuments } from "./api/measure.ts";
import type { Explanation, Report } from "./contract/types.ts";
import { parseMemoryOptions, type MemoryOptions } from "./memory/memory-options.ts";
import { LEVEL_QUANTIZATIONS } from "./quant/levels.ts";
import type { Quantization } from "./quant/quantization.ts";
import type { SchemeOptions } from "./quant/scheme.ts";
import { connectWebSources } from "./source/connect-web.ts";
import { parseListed, parseReference } from "./source/reference.ts";

export { LlmSizeError, type ErrorCode, type ExitCode } from "./errors.ts";
export type { Note, NoteCode } from "./notes.ts";
export type * from "./contract/types.ts";
export type { MemoryOptions, Progress, SchemeOptions };

/** Where models come from, and how to get them. */
export interface SourceOptions extends RequestOptions {
  /** Hugging Face token, for gated and private models. Sent to the endpoint only. */
  readonly token?: string;
  /** Another Hub or a mirror (default: the Hub). It has to allow requests of other origins. */
  readonly endpoint?: string;
}

export interface MeasureOptions extends SourceOptions, SizeOptions {}

/**
 * Measure models: `gemma-2b`, `org/name`, `org/name@revision` or a Hub URL. A malformed reference and a model that cannot
 * be measured are entries of `failures`. Throws LlmSizeError for an invalid option.
 * @example const { models } = await measure(["gemma-2b", "Qwen/Qwen3-8B"]);
 */
export async function measure(
  references: string | readonly string[],
  options: MeasureOptions = {},
): Promise<Report> {
  const model = await buildOptions(options);
  const parsed = [references].flat().map((text) => parseListed(text, model.sources.hub.settings.endpoint));
  return collectReport(parsed, async (reference) => toDocuments(await measureOne(reference, model)));
}

/**
 * Measure references as they come and yield the result of each as soon as it is there.
 * @example for await (const { reference, models, failures } of measureEach(references)) …
 */
export async function* measureEach(
  references: Iterable<string> | AsyncIterable<string>,
  options: MeasureOptions = {},
): AsyncGenerator<Pick<Report, "models" | "failures"> & { readonly reference: string }> {
  const model = await buildOptions(options);
  const parsed = (async function* () {
    for await (const text of references) yield parseListed(text, model.sources.hub.settings.endpoint);
  })();
  for await (const outcome of measureEachItem(parsed, (reference) => measureOne(reference, model)))
    yield { reference: outcome.reference.text, ...toDocuments(outcome) };
}

/** Explain where each number of a model comes from, as `llm-size explain --json` does. */
export async function explain(
  reference: string,
  options: SourceOptions & Pick<SizeOptions, "quantizations" | "scheme"> = {},
): Promise<Explanation> {
  const [{ explainModel }, model] = await Promise.all([import("./api/explain.ts"), buildOptions(options)]);
  return explainModel(parseReference(reference, model.sources.hub.settings.endpoint), model);
}

async function buildOptions(options: MeasureOptions): Promise<ModelOptions> {
  const { quantizations, scheme, memory, base = true, signal, onProgress } = options;
  signal?.throwIfAborted();
  return {
    sources: connectWebSources(options),
    quantizations: await findQuantizations(quantizations, scheme),
    memory: memory && parseMemoryOptions(memory),
    withBase: base,
    onFile: countProgress(onProgress),
    signal,
  };
}

/** Only schemes need the rules of every ecosystem. */
async function findQuantizations(
  names: readonly string[] | undefined,
  scheme: SchemeOptions | undefined,
): Promise<readonly Quantization[]> {
  if (names === undefined) return LEVEL_QUANTIZATIONS;
  const { parseQuantization } = await import("./quant/registry.ts");
  return names.map((name) => parseQuantization(name, scheme));
}
