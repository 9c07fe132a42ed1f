/** The public API. */
import { parseMemoryOptions, type MemoryOptions } from "./memory/memory-options.ts";
import { measureReport } from "./api/measure.ts";
import { LEVELS } from "./quant/levels.ts";
import { listQuantizations, parseQuantization } from "./quant/registry.ts";
import type { SchemeOptions } from "./quant/scheme.ts";
import { TECHNIQUES, type Technique } from "./contract/terms.ts";
import type { ReductionReport, Report } from "./contract/types.ts";
import { connectSources } from "./source/sources.ts";
import { parseReference } from "./source/reference.ts";
import { findHome, type Environment } from "./source/settings.ts";

export { LlmSizeError, type ErrorCode } from "./errors.ts";
export type { MemoryOptions } from "./memory/memory-options.ts";
export type { Note, NoteCode } from "./notes.ts";
export { listQuantizations };
export type {
  Failure,
  ModelReport,
  Published,
  ReductionReport,
  ReductionRow,
  Report,
  Size,
} from "./contract/types.ts";
export { ROLES, type Role } from "./contract/terms.ts";
export { TECHNIQUES, type Technique };
export type { SchemeOptions };

export interface MeasureOptions {
  /** Sizes to compute: levels (`int4`) and schemes (`gguf:Q4_K_M`, see `listQuantizations`); the levels when left out. */
  readonly quantizations?: readonly string[];
  /** Plan the memory of each model under these conditions, by default 4,096 tokens in bf16. */
  readonly memory?: Partial<MemoryOptions>;
  /** Also measure the base model of an adapter (default: true). */
  readonly base?: boolean;
  /** Branch, tag or commit, for references without their own. */
  readonly revision?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
  /** Time limit per model, waits and retries included (default: 120,000). */
  readonly timeoutMs?: number;
  /** Retries for transient errors (default: 4). */
  readonly retries?: number;
  /** Cache what is read of the Hub on this disk, as the program does (default: false). */
  readonly cache?: boolean;
  /** Where HF_TOKEN, HF_ENDPOINT and their like are read from; pass `process.env` to use them. */
  readonly env?: Environment;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Measure models: `gemma-2b`, `org/name`, `org/name@revision`, a Hub URL, or a path. A model that cannot be measured
 * is an entry of `failures`; only a malformed reference or option throws (LlmSizeError).
 */
export async function measure(
  references: string | readonly string[],
  options: MeasureOptions = {},
): Promise<Report> {
  const { quantizations = LEVELS, memory, base = true } = options;
  const chosen = quantizations.map((name) => parseQuantization(name));
  const request = memory && { ...parseMemoryOptions(memory), devices: [], connections: [] };
  const sources = await openSources(options);
  const parsed = [references].flat().map((text) => parseReference(text, sources.hub.settings.endpoint));
  const report = await measureReport(parsed, {
    sources,
    quantizations: chosen,
    withBase: base,
    memory: request,
  });
  await sources.cache?.flush();
  return report;
}

export interface ReduceOptions extends Omit<MeasureOptions, "base" | "memory"> {
  /** Techniques to show; by default all of them, with a recipe none. */
  readonly techniques?: readonly Technique[];
  /** Further quantizations that the model itself is shown in, as `--for` adds those of a family. */
  readonly family?: readonly string[];
  /** What publishers of schemes decide for themselves: `--imatrix`, `--separate-head`, `--head-bits`. */
  readonly scheme?: SchemeOptions;
  /** Ranks of adapters (8, 16 and 64). */
  readonly ranks?: readonly number[];
  /** Compare this many adapters with full models (default: 10). */
  readonly tasks?: number;
  /** A real student to compare with: a reference. */
  readonly student?: string;
  /** Steps in order: `prune:2:4,quant:int4`. */
  readonly recipe?: string;
}

/** Compute what each technique would leave to download of a model. Throws LlmSizeError as `measure` does, also for a recipe. */
export async function reduce(reference: string, options: ReduceOptions = {}): Promise<ReductionReport> {
  const { buildReduceRequest, reduceModel } = await import("./api/reduce.ts");
  const { quantizations = LEVELS, family = [] } = options;
  const sources = await openSources(options);
  const parse = (text: string) => parseReference(text, sources.hub.settings.endpoint);
  const request = buildReduceRequest({
    ...options,
    quantizations: quantizations.map((name) => parseQuantization(name, options.scheme)),
    family: family.map((name) => parseQuantization(name, options.scheme)),
    student: options.student === undefined ? null : parse(options.student),
  });
  const report = await reduceModel(parse(reference), request, { sources });
  await sources.cache?.flush();
  return report;
}

function openSources(options: MeasureOptions): ReturnType<typeof connectSources> {
  const { env = {}, revision, fetch, cache = false } = options;
  return connectSources({
    system: { env, cwd: ".", home: findHome() },
    flags: options,
    revision,
    fetch,
    useCache: cache,
  });
}
