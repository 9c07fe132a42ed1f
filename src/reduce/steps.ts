import { LlmSizeError } from "../errors.ts";
import type { Quantization } from "../quant/quantization.ts";
import { STUDENTS, type Student } from "./distillation.ts";
import { TARGET_SETS, type Lora } from "./lora.ts";
import { PRUNED_UNITS, type Pruning } from "./pruning.ts";
import type { Sharing } from "./sharing.ts";
import { SPARSE_STORAGES } from "./sparsity.ts";

/** The steps of `--apply`, one after the other. */
export type Step =
  | { readonly technique: "pruning"; readonly pruning: Pruning }
  | { readonly technique: "quantization"; readonly quantization: Quantization }
  | { readonly technique: "lora"; readonly lora: Lora }
  | { readonly technique: "distillation"; readonly student: Student }
  | { readonly technique: "sharing"; readonly sharing: Sharing };

type ParseQuantization = (text: string) => Quantization;

const STEP_NAMES = ["prune", "quant", "lora", "distill", "share"] as const;
type StepName = (typeof STEP_NAMES)[number];

const STEPS = {
  prune: (words) => ({ technique: "pruning", pruning: parsePruning(words) }),
  quant: (words, parseQuantization) => ({
    technique: "quantization",
    quantization: parseQuantization(words.join(":")), // gguf:Q4_K_M
  }),
  lora: (words) => ({ technique: "lora", lora: parseLora(words) }),
  distill: (words) => ({ technique: "distillation", student: parseChoice("distill", words, STUDENTS) }),
  share: (words) => ({ technique: "sharing", sharing: parseSharing(words) }),
} as const satisfies Record<
  StepName,
  (words: readonly string[], parseQuantization: ParseQuantization) => Step
>;

/** One of each kind, for help and hints. */
export const STEP_EXAMPLES = {
  prune: ["prune:2:4", "prune:50", "prune:90:csr", "prune:heads:25"],
  quant: ["quant:int4", "quant:Q4_K_M"],
  lora: ["lora:16", "lora:16:attention:dora:save"],
  distill: ["distill:half-layers", "distill:half-size", "distill:smaller"],
  share: ["share:tied", "share:untied", "share:layers:1", "share:unshared"],
} as const satisfies Record<StepName, readonly string[]>;

/** Reads `prune:2:4,quant:int4`. Throws USAGE, also for an order that makes no sense of any model. */
export function parseSteps(text: string, parseQuantization: ParseQuantization): Step[] {
  const steps = text.split(",").map((part) => {
    const [word = "", ...words] = part.trim().toLowerCase().split(":");
    const name = STEP_NAMES.find((known) => known === word);
    if (name === undefined)
      throw wrong(
        `unknown step "${part.trim()}"`,
        STEP_NAMES.map((known) => STEP_EXAMPLES[known][0]),
      );
    return STEPS[name](words, parseQuantization);
  });
  rejectNonsense(steps);
  return steps;
}

/** The text of a recipe, every choice spelled out; reading it gives the same steps. */
export function formatSteps(steps: readonly Step[]): string {
  return steps.map(formatStep).join(",");
}

export function formatStep(step: Step): string {
  switch (step.technique) {
    case "pruning": {
      const { pruning } = step;
      if (pruning.pattern === "2:4") return "prune:2:4";
      return pruning.pattern === "unstructured"
        ? `prune:${pruning.percent}:${pruning.storage}`
        : `prune:${pruning.unit}:${pruning.percent}`;
    }
    case "quantization":
      return `quant:${step.quantization.name}`;
    case "lora": {
      const { rank, targets, dora, save } = step.lora;
      return `lora:${rank}:${targets}${dora ? ":dora" : ""}${save ? ":save" : ""}`;
    }
    case "distillation":
      return `distill:${step.student}`;
    case "sharing":
      return step.sharing.unit === "layers"
        ? `share:layers:${step.sharing.groups}`
        : `share:${step.sharing.unit}`;
  }
}

function parsePruning(words: readonly string[]): Pruning {
  const [first = "", second, ...rest] = words;
  const unit = PRUNED_UNITS.find((known) => known === first);
  if (first === "2" && second === "4" && rest.length === 0) return { pattern: "2:4" };
  if (rest.length > 0) throw wrong(`"prune:${words.join(":")}" has too many parts`, STEP_EXAMPLES.prune);
  if (unit !== undefined) return { pattern: "structured", unit, percent: parsePercent(second ?? "") };
  const storage = parseChoice("prune", [second ?? "bitmask"], SPARSE_STORAGES);
  return { pattern: "unstructured", percent: parsePercent(first), storage };
}

function parsePercent(text: string): number {
  if (!/^[1-9]\d?%?$/.test(text))
    throw wrong(`invalid share to prune "${text}": use a whole number from 1 to 99`, STEP_EXAMPLES.prune);
  return Number(text.replace("%", ""));
}

function parseLora([rank = "", ...words]: readonly string[]): Lora {
  const sets = words.filter((word) => word !== "dora" && word !== "save");
  if (sets.length > 1 || new Set(words).size < words.length)
    throw wrong(`"lora:${[rank, ...words].join(":")}" has too many parts`, STEP_EXAMPLES.lora);
  return {
    rank: parseRank(rank),
    targets: sets[0] === undefined ? "all-linear" : parseChoice("lora", sets, TARGET_SETS),
    dora: words.includes("dora"),
    save: words.includes("save"),
  };
}

/** Above any matrix that is published. */
const MAX_RANK = 65_536;

/** Parse the rank of an adapter. Throws USAGE. */
export function parseRank(text: string): number {
  const rank = Number(text);
  if (!/^[1-9]\d{0,4}$/.test(text) || rank > MAX_RANK)
    throw wrong(`invalid rank "${text}": use a whole number from 1 to ${MAX_RANK}`, STEP_EXAMPLES.lora);
  return rank;
}

function parseSharing([unit = "", count, ...rest]: readonly string[]): Sharing {
  if (unit === "layers" && rest.length === 0) {
    if (!/^[1-9]\d{0,2}$/.test(count ?? ""))
      throw wrong(`invalid number of groups "${count ?? ""}": use 1 to 999`, STEP_EXAMPLES.share);
    return { unit, groups: Number(count) };
  }
  const words = [unit, ...(count === undefined ? [] : [count]), ...rest];
  return { unit: parseChoice("share", words, ["tied", "untied", "unshared"] as const) };
}

function parseChoice<Choice extends string>(
  step: StepName,
  words: readonly string[],
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((candidate) => candidate === words.join(":"));
  if (choice === undefined)
    throw wrong(`"${words.join(":")}" is unknown to ${step}: use ${choices.join(", ")}`, STEP_EXAMPLES[step]);
  return choice;
}

/** Orders that are wrong whatever the model. */
function rejectNonsense(steps: readonly Step[]): void {
  const techniques = steps.map(({ technique }) => technique);
  const adapter = techniques.indexOf("lora");
  const quantized = techniques.indexOf("quantization");
  if (adapter !== techniques.lastIndexOf("lora"))
    throw wrong("a recipe adds one adapter", STEP_EXAMPLES.lora);
  if (quantized !== techniques.lastIndexOf("quantization"))
    throw wrong("a recipe quantizes once: quantized weights are not quantized again", STEP_EXAMPLES.quant);
  const afterAdapter = adapter === -1 ? undefined : steps[adapter + 1];
  if (afterAdapter)
    throw wrong(`${NOUNS[afterAdapter.technique]} an adapter makes no sense: it only adds to the model`, [
      formatSteps([afterAdapter, ...steps.slice(adapter, adapter + 1)]),
    ]);
  const afterQuantized = quantized === -1 ? undefined : steps[quantized + 1];
  if (afterQuantized && afterQuantized.technique !== "lora")
    throw wrong(`${NOUNS[afterQuantized.technique]} quantized weights makes no sense: quantize last`, [
      formatSteps([afterQuantized, ...steps.slice(quantized, quantized + 1)]),
    ]);
  const texts = steps.map(kindOf);
  const twice = texts.find((text, index) => texts.indexOf(text) !== index);
  if (twice !== undefined) throw wrong(`${twice} appears twice in the recipe`, [], "once is enough");
  for (const [one, other] of OPPOSITES)
    if (texts.includes(one) && texts.includes(other))
      throw wrong(`${one} and ${other} undo each other`, [], "leave one of them out");
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
} as const satisfies Record<Step["technique"], string>;

/** The name of a step's kind, which a recipe may have once. */
function kindOf(step: Step): string {
  if (step.technique === "pruning")
    return step.pruning.pattern === "structured" ? `pruning ${step.pruning.unit}` : "pruning single weights";
  if (step.technique === "sharing")
    return step.sharing.unit === "layers" ? "sharing layers" : step.sharing.unit;
  return step.technique;
}

function wrong(
  message: string,
  examples: readonly string[],
  hint = `such as ${examples.join(", ")}`,
): LlmSizeError {
  return new LlmSizeError("USAGE", { message, hint });
}
