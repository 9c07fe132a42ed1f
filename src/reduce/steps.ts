/** The steps of `--apply`: read, written, and applied one after the other. */
import type { Technique } from "../contract/terms.ts";
import { type Unknown, isUnknown } from "../contract/unknown.ts";
import type { Quantization } from "../quant/quantization.ts";
import { parseDistillation } from "./distillation.ts";
import { parseLora } from "./lora.ts";
import { parsePruning } from "./pruning.ts";
import { buildQuantizationStep } from "./quantization.ts";
import { type ResultRow, type RowOptions, buildRow, buildTransformRow } from "./row.ts";
import { parseSharing } from "./sharing.ts";
import { type Step, type StepName, STEP_EXAMPLES, invalidStep } from "./step.ts";
import { type BaseModel, startVariant } from "./variant.ts";

type ParseQuantization = (text: string) => Quantization;

const PARSERS: Readonly<
  Record<StepName, (words: readonly string[], parseQuantization: ParseQuantization) => Step>
> = {
  prune: parsePruning,
  quant: (words, parseQuantization) => buildQuantizationStep(parseQuantization(words.join(":"))), // gguf:Q4_K_M
  lora: parseLora,
  distill: parseDistillation,
  share: parseSharing,
};

const STEP_NAMES = Object.keys(PARSERS) as StepName[];

/** Parse `prune:2:4,quant:int4`. Throws USAGE, also for an order that makes no sense for any model. */
export function parseSteps(text: string, parseQuantization: ParseQuantization): Step[] {
  const steps = text.split(",").map((part) => {
    const [word, ...words] = part.trim().toLowerCase().split(":");
    const name = STEP_NAMES.find((known) => known === word);
    if (name === undefined)
      throw invalidStep(
        `unknown step "${part.trim()}"`,
        STEP_NAMES.map((known) => STEP_EXAMPLES[known][0]),
      );
    return PARSERS[name](words, parseQuantization);
  });
  rejectNonsense(steps);
  return steps;
}

/** Format steps with every choice spelled out. */
export function formatSteps(steps: readonly Step[]): string {
  return steps.map(({ text }) => text).join(",");
}

/**
 * Apply each step to what the one before leaves, one row per step. The first that the model does not allow is a row with
 * its reason, and the last.
 */
export function applySteps(
  base: BaseModel | Unknown,
  steps: readonly Step[],
  options: RowOptions,
): ResultRow[] {
  const rows: ResultRow[] = [];
  let variant = isUnknown(base) ? base : startVariant(base);
  for (const { technique, text, apply } of steps) {
    const change = isUnknown(variant) ? variant : apply(variant);
    const row = buildTransformRow({ technique, name: text }, change, options);
    // Where the size of a quantization is unknown, the step is not possible.
    const reason = row.reason ?? (technique === "quantization" ? row.sizes[0]?.reason : null) ?? null;
    if (isUnknown(change) || reason !== null) return [...rows, buildRow({ technique, name: text, reason })];
    const arithmetic = row.name === text ? row.arithmetic : `${row.name}: ${row.arithmetic}`;
    rows.push({ ...row, name: text, arithmetic });
    variant = change.variant;
  }
  return rows;
}

/** Reject orders that are wrong for every model. */
function rejectNonsense(steps: readonly Step[]): void {
  const techniques = steps.map(({ technique }) => technique);
  const [adapter, quantized] = [techniques.indexOf("lora"), techniques.indexOf("quantization")];
  if (adapter !== techniques.lastIndexOf("lora"))
    throw invalidStep("a recipe adds one adapter", STEP_EXAMPLES.lora);
  if (quantized !== techniques.lastIndexOf("quantization"))
    throw invalidStep(
      "a recipe quantizes once: quantized weights are not quantized again",
      STEP_EXAMPLES.quant,
    );
  rejectAfter(steps, adapter, (doing) => `${doing} an adapter makes no sense: it only adds to the model`);
  if (techniques[quantized + 1] !== "lora")
    rejectAfter(steps, quantized, (doing) => `${doing} quantized weights makes no sense: quantize last`);
  const kinds = steps.map(({ kind }) => kind);
  const twice = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  if (twice !== undefined) throw invalidStep(`${twice} appears twice in the recipe`, [], "once is enough");
  for (const [one, other] of OPPOSITES)
    if (kinds.includes(one) && kinds.includes(other))
      throw invalidStep(`${one} and ${other} undo each other`, [], "leave one of them out");
}

/** Throw USAGE if a step follows the one at this position, with the two in the other order as the example. */
function rejectAfter(steps: readonly Step[], position: number, explain: (doing: string) => string): void {
  const [step, next] = steps.slice(position === -1 ? steps.length : position);
  if (step && next) throw invalidStep(explain(NOUNS[next.technique]), [formatSteps([next, step])]);
}

const OPPOSITES = [
  ["tied", "untied"],
  ["sharing layers", "unshared"],
] as const;

const NOUNS = {
  pruning: "pruning",
  quantization: "quantizing",
  lora: "adapting",
  distillation: "distilling",
  sharing: "sharing in",
} as const satisfies Record<Technique, string>;
