import type { Technique } from "../contract/terms.ts";
import type { Unknown } from "../contract/unknown.ts";
import { LlmSizeError } from "../errors.ts";
import type { Transform, Variant } from "./variant.ts";

/** One step of `--apply`. */
export interface Step {
  readonly technique: Technique;
  /** With every choice spelled out: `prune:50:bitmask`. Parsing it gives the same step. */
  readonly text: string;
  /** What a recipe may do once: `pruning heads`. */
  readonly kind: string;
  /** Return what the step leaves; unknown where the model does not allow it. */
  apply(variant: Variant): Transform | Unknown;
}

/** Steps of each kind, for help and hints. */
export const STEP_EXAMPLES = {
  prune: ["prune:2:4", "prune:50", "prune:90:csr", "prune:heads:25"],
  quant: ["quant:int4", "quant:Q4_K_M"],
  lora: ["lora:16", "lora:16:attention:dora:save"],
  distill: ["distill:half-layers", "distill:half-size", "distill:smaller"],
  share: ["share:tied", "share:untied", "share:layers:1", "share:unshared"],
} as const satisfies Record<string, readonly string[]>;

export type StepName = keyof typeof STEP_EXAMPLES;

/** Build the error of a step or a recipe that is wrong for every model. */
export function invalidStep(
  message: string,
  examples: readonly string[],
  hint = `such as ${examples.join(", ")}`,
): LlmSizeError {
  return new LlmSizeError("USAGE", { message, hint });
}

/** Return the choice that these words are. Throws USAGE. */
export function parseChoice<Choice extends string>(
  step: StepName,
  words: readonly string[],
  choices: readonly Choice[],
): Choice {
  const text = words.join(":");
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined)
    throw invalidStep(`"${text}" is unknown to ${step}: use ${choices.join(", ")}`, STEP_EXAMPLES[step]);
  return choice;
}

/** Return a whole number from 1 on. Throws USAGE. */
export function parseNumber(
  step: StepName,
  text: string,
  { what, max }: { readonly what: string; readonly max: number },
): number {
  const number = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Infinity;
  if (number > max)
    throw invalidStep(`invalid ${what} "${text}": use a whole number from 1 to ${max}`, STEP_EXAMPLES[step]);
  return number;
}
