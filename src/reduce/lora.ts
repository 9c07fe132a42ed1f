import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { layOutAdapter, type AdapterFile, type AdapterRecipe } from "./adapter-file.ts";
import { refuseUnnamed, rewritesTargets, type AdaptedModule } from "./lora-experts.ts";
import { findDefaultTargets, nameAttention, type Targets } from "./lora-targets.ts";
import { groupDigits, isRefusal, refuse, startReducing } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { sizeAdapter } from "./sizes.ts";

/** Which linear layers: those peft takes by itself, those of attention, or all but the output head. */
export const TARGET_SETS = ["default", "attention", "all-linear"] as const;
export type TargetSet = (typeof TARGET_SETS)[number];

export interface Lora {
  readonly rank: number;
  readonly targets: TargetSet;
  readonly dora: boolean;
  /** The embedding, and the output head where it is stored, trained whole. */
  readonly save: boolean;
}

/** Ranks shown where none is asked for. */
export const USUAL_RANKS: readonly number[] = [8, 16, 64];

const LIMIT =
  "The base model is needed, too. peft stores 32 bits, many publish 16; beside a quantized model it stays at 16.";
const PASSED_OVER_LIMIT =
  "All-linear passes over experts, which transformers 5 holds in one parameter a layer; the base model is needed, too.";
const EXPERTS_LIMIT =
  "peft gives each expert the rank, and the base model is needed, too. Dense networks and shared experts are passed over.";

export interface LoraRequest extends ReductionRequest {
  readonly ranks: readonly number[];
  /** As many fine-tuned models, or as many adapters. */
  readonly tasks: number;
}

/** What adapters would weigh. */
export function listAdapters(original: Original, request: LoraRequest): Reduction[] {
  const { ranks } = request;
  const usual: readonly Lora[] = [
    ...ranks.flatMap((rank) => TARGET_SETS.map((targets) => ({ rank, targets, dora: false, save: false }))),
    ...ranks.map((rank) => ({ rank, targets: "all-linear" as const, dora: true, save: false })),
    ...ranks.slice(0, 1).map((rank) => ({ rank, targets: "attention" as const, dora: false, save: true })),
  ];
  return usual.map((lora) => describeAdapter(original, lora, request));
}

/** An adapter beside what is left of the model. */
export function addAdapter(reduced: Reduced, lora: Lora): Change | Refusal {
  if (reduced.adapter) return { reason: "it has an adapter already" };
  const plan = planAdapter(reduced, lora);
  if (isRefusal(plan)) return plan;
  const { adapter, arithmetic, ...described } = plan;
  return { ...described, reduced: { ...reduced, adapter }, arithmetic: `${arithmetic} beside the model` };
}

interface AdapterPlan extends Pick<Change, "name" | "inputs" | "arithmetic" | "caveat"> {
  readonly adapter: AdapterFile;
}

/** The file that peft would write, and what it was worked out from. */
export function planAdapter(reduced: Reduced, lora: Lora): AdapterPlan | Refusal {
  const recipe = describeRecipe(reduced, lora);
  if (isRefusal(recipe)) return recipe;
  const adapter = layOutAdapter(reduced, recipe);
  if (isRefusal(adapter)) return adapter;
  return {
    name: nameAdapter(lora),
    inputs: describeInputs(lora, recipe, adapter),
    arithmetic: describeSum(adapter, lora),
    caveat: describeLimit(reduced, lora),
    adapter,
  };
}

function describeAdapter(original: Original, lora: Lora, { quantizations }: LoraRequest): Reduction {
  const plan = planAdapter(startReducing(original), lora);
  if (isRefusal(plan)) return refuse("lora", nameAdapter(lora), plan.reason);
  const { adapter, ...described } = plan;
  return {
    technique: "lora",
    ...described,
    parameters: adapter.parameters,
    tensors: adapter.tensors.length,
    sizes: quantizations.map((quantization) => sizeAdapter(adapter, quantization)),
    shapes: [],
    reason: null,
  };
}

function describeLimit(reduced: Reduced, { targets }: Lora): string {
  const hasExperts = reduced.weights.some(({ role }) => role === "experts");
  if (targets !== "all-linear" || !hasExperts) return LIMIT;
  return rewritesTargets(reduced) ? EXPERTS_LIMIT : PASSED_OVER_LIMIT;
}

function describeRecipe(reduced: Reduced, lora: Lora): AdapterRecipe | Refusal {
  const targets = chooseTargets(reduced, lora.targets);
  const modelType = reduced.config?.modelType ?? "a model without model_type";
  if (lora.targets === "default" && rewritesTargets(reduced))
    return {
      reason: `peft finds no target modules by itself for ${modelType}: it rewrites them for experts`,
    };
  const refusal = lora.targets === "default" ? refuseUnnamed(reduced) : null;
  if (refusal) return refusal;
  if (targets === null) return { reason: `peft has no default target modules for ${modelType}` };
  const modulesToSave = lora.save ? nameSavedModules(reduced) : [];
  return { rank: lora.rank, targets, dora: lora.dora, modulesToSave };
}

function chooseTargets(reduced: Reduced, targets: TargetSet): Targets | null {
  if (targets === "all-linear") return "all-linear";
  if (targets === "attention") return nameAttention(reduced);
  return findDefaultTargets(reduced.config);
}

/** The embedding and, where it is stored, the head; a tied head has no copy of its own. */
function nameSavedModules({ weights }: Reduced): string[] {
  return [findTokenEmbedding(weights), findHead(weights)].flatMap((weight) =>
    weight ? [/[^.]+(?=\.weight$)/.exec(weight.name)?.[0] ?? weight.name] : [],
  );
}

function nameAdapter({ rank, targets, dora, save }: Lora): string {
  return `rank ${rank}, ${targets}${dora ? ", DoRA" : ""}${save ? ", saved" : ""}`;
}

function describeInputs(lora: Lora, recipe: AdapterRecipe, { modules }: AdapterFile): Change["inputs"] {
  const { targets, modulesToSave } = recipe;
  return {
    rank: lora.rank,
    targets: lora.targets,
    targetModules: targets instanceof RegExp ? targets.source : [targets].flat().join(","),
    dora: lora.dora,
    modulesToSave: modulesToSave.join(","),
    matrices: modules.length,
  };
}

/** `8 × 524,288 inputs and outputs of 64 matrices` */
function describeSum({ modules, savedParameters: saved }: AdapterFile, { rank, dora }: Lora): string {
  const own = modules.filter(({ experts }) => experts === null);
  const stacks = modules.filter((module) => module.experts !== null);
  const experts = stacks[0]?.experts ?? 0;
  const outputs = modules.reduce((sum, module) => sum + module.outputs, 0);
  return [
    `${rank} × ${groupDigits(sumSides(own, rank))} inputs and outputs of ${own.length} matrices`,
    ...(stacks.length > 0
      ? [`${rank} × ${experts} experts × ${groupDigits(sumSides(stacks, rank * experts))}, gate and up twice`]
      : []),
    ...(dora ? [`${groupDigits(outputs)} magnitudes`] : []),
    ...(saved > 0 ? [`${groupDigits(saved)} saved whole`] : []),
  ].join(" + ");
}

/** Inputs and outputs of modules, as often as each has the rank. */
function sumSides(modules: readonly AdaptedModule[], rank: number): number {
  return modules.reduce((sum, module) => sum + (module.rank / rank) * (module.inputs + module.outputs), 0);
}
