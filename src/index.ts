/** The library: what the program does, as functions. Options in, the documents of `--json` out. */
import { cwd, env as processEnv } from "node:process";
import { countProgress, type Progress, type RequestOptions, type SizeOptions } from "./api/library.ts";
import type { MeasureOptions as ModelOptions } from "./api/measure-options.ts";
import { measureDocuments, measureReport } from "./api/documents.ts";
import { measureEach as measureEachItem } from "./api/measure.ts";
import type {
  Config,
  DiffReport,
  Explanation,
  FindReport,
  ReductionReport,
  Report,
} from "./contract/types.ts";
import type { Technique } from "./contract/terms.ts";
import { parseMemoryOptions } from "./memory/memory-options.ts";
import { LEVELS } from "./quant/levels.ts";
import { parseQuantization } from "./quant/registry.ts";
import type { Runtime } from "./quant/runtimes.ts";
import type { SchemeOptions } from "./quant/scheme.ts";
import { parseListed, parseReference, type Reference } from "./source/reference.ts";
import { findHome, type Environment } from "./source/settings.ts";
import { connectSources } from "./source/connect.ts";
import type { Sources } from "./source/sources.ts";

export { getExitCode } from "./api/exit-code.ts";
export { LlmSizeError, type ErrorCode, type ExitCode } from "./errors.ts";
export type { Progress };
export type { MemoryOptions } from "./memory/memory-options.ts";
export type { Note, NoteCode } from "./notes.ts";
export { listQuantizations } from "./quant/registry.ts";
export { ROLES, TECHNIQUES, type Role, type Technique } from "./contract/terms.ts";
export type * from "./contract/types.ts";
export type { SchemeOptions };

/** Where models come from, and how to get them. */
export interface SourceOptions extends RequestOptions {
  /** Hugging Face token; by default HF_TOKEN, HF_TOKEN_PATH or the token file. Sent to the endpoint only. */
  readonly token?: string;
  /** Another Hub, mirror or registry of Ollama; by default HF_ENDPOINT, LLM_SIZE_OLLAMA_ENDPOINT, or the real ones. */
  readonly endpoint?: string;
  /** Do not use the network; by default HF_HUB_OFFLINE. */
  readonly offline?: boolean;
  /** Read and write the cache on disk (default: false). */
  readonly cache?: boolean;
  /** Environment variables (default: those of the process). */
  readonly env?: Environment;
}

export interface MeasureOptions extends SourceOptions, SizeOptions {}

/**
 * Measure models: `gemma-2b`, `org/name`, `org/name@revision`, a Hub URL, or a path. A malformed reference and a model
 * that cannot be measured are entries of `failures`. Throws LlmSizeError for an invalid option.
 * @example const { models } = await measure(["gemma-2b", "Qwen/Qwen3-8B"]);
 */
export async function measure(
  references: string | readonly string[],
  options: MeasureOptions = {},
): Promise<Report> {
  const { sources, common, end } = await open(options);
  const parsed = [references].flat().map((text) => parseListed(text, sources.hub.settings.endpoint));
  return end(measureReport(parsed, { ...common, ...buildModelOptions(options) }));
}

/**
 * Measure references as they come and yield the result of each as soon as it is there. Keeps none, so a list of any
 * length takes the same memory.
 * @example for await (const { reference, models, failures } of measureEach(references)) …
 */
export async function* measureEach(
  references: Iterable<string> | AsyncIterable<string>,
  options: MeasureOptions = {},
): AsyncGenerator<Pick<Report, "models" | "failures"> & { readonly reference: string }> {
  const { sources, common, end } = await open(options);
  const lines = (async function* () {
    for await (const text of references) yield parseListed(text, sources.hub.settings.endpoint);
  })();
  const model = { ...common, ...buildModelOptions(options) };
  for await (const { reference, ...documents } of measureEachItem(lines, (one) =>
    measureDocuments(one, model),
  ))
    yield { reference: reference.text, ...documents };
  await end(Promise.resolve());
}

export interface CheckOptions extends SourceOptions {
  /** Models to check (default: those that the budgets name). */
  readonly references?: readonly string[];
  /** Lock file that `maxGrowth` compares with (default: llm-size.lock.json). */
  readonly lock?: string;
}

/**
 * Check models against budgets, as `llm-size check` does. Throws LlmSizeError for an invalid config.
 * @example process.exitCode = getExitCode(await check({ budgets: [{ model: "gemma-2b", maxSize: "6GB" }] }));
 */
export async function check(config: Config, options: CheckOptions = {}): Promise<Report> {
  const [{ checkModels }, { parseBudgetConfig }] = await Promise.all([
    import("./api/check.ts"),
    import("./budget/config.ts"),
  ]);
  const budgets = parseBudgetConfig(config, "the config");
  const { references = [...new Set(budgets.budgets.map(({ model }) => model))], lock } = options;
  const { sources, common, end } = await open(options);
  const parsed = references.map((text) => parseListed(text, sources.hub.settings.endpoint));
  const { report } = await end(checkModels(parsed, { budgets, lockFile: lock }, common));
  return report;
}

/** Explain where each number of a model comes from, as `llm-size explain --json` does. */
export async function explain(
  reference: string,
  options: SourceOptions & Pick<MeasureOptions, "quantizations" | "scheme"> = {},
): Promise<Explanation> {
  const { quantizations } = buildModelOptions(options);
  const { explainModel } = await import("./api/explain.ts");
  const { sources, common, end } = await open(options);
  return end(explainModel(parse(reference, sources), { ...common, quantizations }));
}

export interface FindOptions extends SourceOptions {
  /** Only files that this program runs, such as `gguf`. */
  readonly runtime?: Runtime;
  /** Only files of at most these bytes. */
  readonly maxBytes?: number;
  /** The most rows (default: 20), and repositories to read (default: 7). */
  readonly limit?: number;
}

/** List the quantizations of a model that others have published, as `llm-size find --json` does. */
export async function find(reference: string, options: FindOptions = {}): Promise<FindReport> {
  const { runtime, maxBytes, limit } = options;
  const { findQuantizations } = await import("./api/find.ts");
  const { sources, common, end } = await open(options);
  return end(findQuantizations(parse(reference, sources), { ...common, runtime, maxBytes, limit }));
}

/** Compare two models or two revisions of one, as `llm-size diff --json` does. A `.json` path is a lock file. */
export async function diff(before: string, after: string, options: SourceOptions = {}): Promise<DiffReport> {
  const { diffSides } = await import("./api/diff.ts");
  const { sources, common, end } = await open(options);
  const side = (text: string) =>
    text.endsWith(".json") ? { kind: "lock" as const, file: text } : parse(text, sources);
  return end(diffSides(side(before), side(after), common));
}

export interface ReduceOptions extends SourceOptions {
  /** Levels and schemes of every row (default: the four levels). */
  readonly quantizations?: readonly string[];
  /** More quantizations for the unchanged model, as `--for` adds those of an ecosystem. */
  readonly extraQuantizations?: readonly string[];
  /** Choices of publishers that change the size of a scheme's files. */
  readonly scheme?: SchemeOptions;
  /** Techniques to show (default: all, or none with a recipe). */
  readonly techniques?: readonly Technique[];
  /** Ranks of adapters (default: 8, 16 and 64). */
  readonly ranks?: readonly number[];
  /** Number of fine-tuned models to compare with as many adapters (default: 10). */
  readonly tasks?: number;
  /** Reference of a real student to compare with. */
  readonly student?: string;
  /** Steps in order, such as `prune:2:4,quant:int4`. */
  readonly recipe?: string;
}

/** List what each way to shrink a model would leave to download, as `llm-size reduce --json` does. */
export async function reduce(reference: string, options: ReduceOptions = {}): Promise<ReductionReport> {
  const { buildReduceRequest, reduceModel } = await import("./api/reduce.ts");
  const { quantizations = LEVELS, extraQuantizations = [], scheme, student } = options;
  const { sources, common, end } = await open(options);
  const request = buildReduceRequest({
    ...options,
    quantizations: quantizations.map((name) => parseQuantization(name, scheme)),
    family: extraQuantizations.map((name) => parseQuantization(name, scheme)),
    student: student === undefined ? null : parse(student, sources),
  });
  return end(reduceModel(parse(reference, sources), request, common));
}

function buildModelOptions({ quantizations = LEVELS, scheme, memory, base = true }: MeasureOptions) {
  return {
    quantizations: quantizations.map((name) => parseQuantization(name, scheme)),
    memory: memory && parseMemoryOptions(memory),
    withBase: base,
  };
}

/** Connect the sources; `end` waits for the result and then for the cache. */
async function open(options: SourceOptions): Promise<{
  readonly sources: Sources;
  readonly common: Pick<ModelOptions, "sources" | "signal" | "onFile">;
  end<Result>(work: Promise<Result>): Promise<Result>;
}> {
  const { env = processEnv, revision, fetch, cache = false, signal, onProgress } = options;
  signal?.throwIfAborted();
  const system = { env, cwd: cwd(), home: findHome() };
  const sources = await connectSources({ system, flags: options, revision, fetch, signal, useCache: cache });
  return {
    sources,
    common: { sources, onFile: countProgress(onProgress), signal },
    async end(work) {
      try {
        return await work;
      } finally {
        await sources.flush();
      }
    },
  };
}

function parse(text: string, sources: Sources): Reference {
  return parseReference(text, sources.hub.settings.endpoint);
}
