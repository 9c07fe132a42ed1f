import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount } from "./counts.ts";
import { type ResultRow, type RowOptions, buildUnknownRow, sizeAdapter } from "./row.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { buildAdapterFile, type AdapterFile, type LoraConfig } from "./adapter-file.ts";
import { refuseUnnamed, rewritesTargets, type AdaptedModule } from "./lora-experts.ts";
import { findDefaultTargets, nameAttention, type Targets } from "./lora-targets.ts";

/** Which linear layers: those peft takes by itself, those of attention, or all but the output head. */
export const TARGET_SETS = ["default", "attention", "all-linear"] as const;
type TargetSet = (typeof TARGET_SETS)[number];

export interface Lora {
  readonly rank: number;
  readonly targets: TargetSet;
  readonly dora: boolean;
  /** The embedding, and the output head where it is stored, trained whole. */
  readonly save: boolean;
}

/** Ranks shown by default. */
export const DEFAULT_RANKS: readonly number[] = [8, 16, 64];

const CAVEAT =
  "The base model is needed, too. peft stores 32 bits, many publish 16; with a quantized model it stays at 16.";
const NO_EXPERTS_CAVEAT =
  "All-linear passes over experts, which transformers 5 holds in one parameter a layer; the base model is needed, too.";
const EXPERTS_CAVEAT =
  "peft gives each expert the rank, and the base model is needed, too. Dense networks and shared experts are passed over.";

export interface LoraOptions extends RowOptions {
  readonly ranks: readonly number[];
  /** As many fine-tuned models, or as many adapters. */
  readonly tasks: number;
}

/** List adapters with their sizes. */
export function listAdapters(base: BaseModel, options: LoraOptions): ResultRow[] {
  const { ranks } = options;
  const usual: readonly Lora[] = [
    ...ranks.flatMap((rank) => TARGET_SETS.map((targets) => ({ rank, targets, dora: false, save: false }))),
    ...ranks.map((rank) => ({ rank, targets: "all-linear" as const, dora: true, save: false })),
    ...ranks.slice(0, 1).map((rank) => ({ rank, targets: "attention" as const, dora: false, save: true })),
  ];
  return usual.map((lora) => buildAdapterRow(base, lora, options));
}

/** Add an adapter to what is left of the model. */
export function addAdapter(variant: Variant, lora: Lora): Transform | Unknown {
  if (variant.adapter) return unknown("it has an adapter already");
  const plan = planAdapter(variant, lora);
  if (isUnknown(plan)) return plan;
  const { adapter, arithmetic, ...described } = plan;
  return { ...described, variant: { ...variant, adapter }, arithmetic: `${arithmetic} on top of the model` };
}

interface AdapterPlan extends Pick<Transform, "name" | "inputs" | "arithmetic" | "caveat"> {
  readonly adapter: AdapterFile;
}

/** The file that peft would write, and what it was worked out from. */
export function planAdapter(variant: Variant, lora: Lora): AdapterPlan | Unknown {
  const recipe = buildLoraConfig(variant, lora);
  if (isUnknown(recipe)) return recipe;
  const adapter = buildAdapterFile(variant, recipe);
  if (isUnknown(adapter)) return adapter;
  return {
    name: nameAdapter(lora),
    inputs: buildInputs(lora, recipe, adapter),
    arithmetic: formatSum(adapter, lora),
    caveat: chooseCaveat(variant, lora),
    adapter,
  };
}

function buildAdapterRow(base: BaseModel, lora: Lora, { quantizations }: LoraOptions): ResultRow {
  const plan = planAdapter(startVariant(base), lora);
  if (isUnknown(plan)) return buildUnknownRow("lora", nameAdapter(lora), plan.reason);
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

function chooseCaveat(variant: Variant, { targets }: Lora): string {
  const hasExperts = variant.weights.some(({ role }) => role === "experts");
  if (targets !== "all-linear" || !hasExperts) return CAVEAT;
  return rewritesTargets(variant) ? EXPERTS_CAVEAT : NO_EXPERTS_CAVEAT;
}

function buildLoraConfig(variant: Variant, lora: Lora): LoraConfig | Unknown {
  const targets = chooseTargets(variant, lora.targets);
  const modelType = variant.config?.modelType ?? "a model without model_type";
  if (lora.targets === "default" && rewritesTargets(variant))
    return unknown(`peft finds no target modules by itself for ${modelType}: it rewrites them for experts`);
  const refusal = lora.targets === "default" ? refuseUnnamed(variant) : null;
  if (refusal) return refusal;
  if (targets === null) return unknown(`peft lacks default target modules for ${modelType}`);
  const modulesToSave = lora.save ? nameSavedModules(variant) : [];
  return { rank: lora.rank, targets, dora: lora.dora, modulesToSave };
}

function chooseTargets(variant: Variant, targets: TargetSet): Targets | null {
  if (targets === "all-linear") return "all-linear";
  if (targets === "attention") return nameAttention(variant);
  return findDefaultTargets(variant.config);
}

/** The embedding and, where it is stored, the head; a tied head is not stored. */
function nameSavedModules({ weights }: Variant): string[] {
  return [findTokenEmbedding(weights), findHead(weights)].flatMap((weight) =>
    weight ? [/[^.]+(?=\.weight$)/.exec(weight.name)?.[0] ?? weight.name] : [],
  );
}

function nameAdapter({ rank, targets, dora, save }: Lora): string {
  return `rank ${rank}, ${targets}${dora ? ", DoRA" : ""}${save ? ", saved" : ""}`;
}

function buildInputs(lora: Lora, recipe: LoraConfig, { modules }: AdapterFile): Transform["inputs"] {
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
function formatSum({ modules, savedParameters: saved }: AdapterFile, { rank, dora }: Lora): string {
  const own = modules.filter(({ experts }) => experts === null);
  const stacks = modules.filter((module) => module.experts !== null);
  const experts = stacks[0]?.experts ?? 0;
  const outputs = modules.reduce((sum, module) => sum + module.outputs, 0);
  return [
    `${rank} × ${formatCount(sumSides(own, rank))} inputs and outputs of ${own.length} matrices`,
    ...(stacks.length > 0
      ? [`${rank} × ${experts} experts × ${formatCount(sumSides(stacks, rank * experts))}, gate and up twice`]
      : []),
    ...(dora ? [`${formatCount(outputs)} magnitudes`] : []),
    ...(saved > 0 ? [`${formatCount(saved)} saved whole`] : []),
  ].join(" + ");
}

/** Inputs and outputs of modules, as often as each has the rank. */
function sumSides(modules: readonly AdaptedModule[], rank: number): number {
  return modules.reduce((sum, module) => sum + (module.rank / rank) * (module.inputs + module.outputs), 0);
}
