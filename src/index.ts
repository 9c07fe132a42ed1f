/** The public API. */
import { parseConditions, type Conditions } from "./fit/conditions.ts";
import { planMemory } from "./fit/memory-plan.ts";
import { measureReferences } from "./measure.ts";
import { LEVELS } from "./quant/levels.ts";
import { listQuantizations, parseQuantization } from "./quant/registry.ts";
import type { Report } from "./report/schema.ts";
import { connectHub, type Fetch } from "./source/hub/hub.ts";
import { parseReference } from "./source/reference.ts";
import { readSettings, type Environment } from "./source/settings.ts";
import { readVersion } from "./source/version.ts";

export { LlmSizeError, type ErrorCode } from "./errors.ts";
export type { Conditions } from "./fit/conditions.ts";
export type { Note, NoteCode } from "./notes.ts";
export { listQuantizations };
export type { Failure, ModelReport, Published, Report, Size } from "./report/schema.ts";
export { ROLES, type Role } from "./model/weight.ts";

export interface MeasureOptions {
  /** Sizes to compute: levels (`int4`) and schemes (`gguf:Q4_K_M`, see `listQuantizations`); the levels when left out. */
  readonly quantizations?: readonly string[];
  /** Plan the memory of each model under these conditions, by default 4,096 tokens in bf16. */
  readonly memory?: Partial<Conditions>;
  /** Measure the base model of an adapter beside it (true). */
  readonly base?: boolean;
  /** Branch, tag or commit, for references without their own. */
  readonly revision?: string;
  readonly endpoint?: string;
  readonly offline?: boolean;
  /** Where HF_TOKEN, HF_ENDPOINT and their like are read from; pass `process.env` to use them. */
  readonly env?: Environment;
  readonly fetch?: Fetch;
}

/**
 * Measures models: `gemma-2b`, `org/name`, `org/name@revision`, a Hub URL, or a path. A model that cannot be measured
 * is an entry of `failures`; only a malformed reference or option throws (LlmSizeError).
 */
export async function measure(
  references: string | readonly string[],
  options: MeasureOptions = {},
): Promise<Report> {
  const {
    quantizations = LEVELS,
    env = {},
    revision = null,
    base = true,
    memory,
    fetch = globalThis.fetch,
  } = options;
  const chosen = quantizations.map(parseQuantization);
  const request = memory && { ...parseConditions(memory), devices: [], connections: [] };
  const settings = await readSettings(env, options);
  const parsed = [references].flat().map((text) => parseReference(text, settings.endpoint));
  const hub = connectHub(settings, fetch, `llm-size/${readVersion()}`);
  return measureReferences(parsed, {
    sources: { hub, env, revision },
    quantizations: chosen,
    withBase: base,
    ...(request && { planMemory: (subject) => planMemory(subject, request) }),
  });
}
