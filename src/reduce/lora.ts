import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { buildAdapterFile, type AdapterFile } from "./adapter-file.ts";
import { formatCount, sumParameters } from "./counts.ts";
import { refuseUnnamed, rewritesTargets, type AdaptedModule } from "./lora-experts.ts";
import { findDefaultTargets, nameAttention, type Targets } from "./lora-targets.ts";
import { type ResultRow, type RowOptions, addSizes, buildRow, sizeAdapter, sizeVariant } from "./row.ts";
import { type Step, STEP_EXAMPLES, invalidStep, parseChoice, parseNumber } from "./step.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";

/** Which linear layers: those peft takes by itself, those of attention, or all but the output head. */
const TARGET_SETS = ["default", "attention", "all-linear"] as const;
type TargetSet = (typeof TARGET_SETS)[number];

interface Lora {
  readonly rank: number;
  readonly targets: TargetSet;
  readonly dora?: boolean;
  /** The embedding, and the output head where it is stored, trained whole. */
  readonly save?: boolean;
}

/** Ranks shown by default. */
export const DEFAULT_RANKS: readonly number[] = [8, 16, 64];

/** Above any matrix that is published. */
const MAX_RANK = 65_536;

/** The most fine-tuned models that can be compared. */
export const MAX_TASKS = 9_999;

const CAVEAT =
  "The base model is needed, too. peft stores 32 bits, many publish 16; with a quantized model it stays at 16.";
const NO_EXPERTS_CAVEAT =
  "All-linear passes over experts, which transformers 5 holds in one parameter a layer; the base model is needed, too.";
const EXPERTS_CAVEAT =
  "peft gives each expert the rank, and the base model is needed, too. Dense networks and shared experts are passed over.";
const TASKS_CAVEAT =
  "One model is downloaded, and an adapter for each task, all-linear, in place of as many models.";

export interface LoraOptions extends RowOptions {
  readonly ranks: readonly number[];
  /** As many fine-tuned models, or as many adapters. */
  readonly tasks: number;
}

/** List adapters with their sizes. */
export function listAdapters(base: BaseModel, options: LoraOptions): ResultRow[] {
  const { ranks, quantizations, checkTime } = options;
  const usual: readonly Lora[] = [
    ...ranks.flatMap((rank) => TARGET_SETS.map((targets) => ({ rank, targets }))),
    ...ranks.map((rank) => ({ rank, targets: "all-linear", dora: true }) as const),
    ...ranks.slice(0, 1).map((rank) => ({ rank, targets: "attention", save: true }) as const),
  ];
  const start = startVariant(base);
  const targets = new Map(TARGET_SETS.map((set) => [set, chooseTargets(start, set)]));
  return usual.map((lora) => {
    checkTime();
    const plan = planAdapter(start, lora, targets.get(lora.targets));
    return buildAdapterRow(nameAdapter(lora), plan, ({ adapter, ...described }) => ({
      ...described,
      parameters: adapter.parameters,
      tensors: adapter.tensors.length,
      sizes: quantizations.map((quantization) => {
        checkTime();
        return sizeAdapter(adapter, quantization);
      }),
    }));
  });
}

/** Compare one whole model per task with one model and an adapter per task. */
export function listTasks(base: BaseModel, options: LoraOptions): ResultRow[] {
  const { ranks, tasks, quantizations, checkTime } = options;
  const start = startVariant(base);
  const parameters = sumParameters(base.weights);
  const whole = quantizations.map((quantization) => {
    checkTime();
    return { quantization, size: sizeVariant(start, quantization) };
  });
  const adapted = ranks.map((rank) => {
    checkTime();
    const plan = planAdapter(start, { rank, targets: "all-linear" });
    return buildAdapterRow(`${tasks} tasks, rank ${rank} adapters`, plan, ({ adapter, inputs }) => ({
      inputs: { ...inputs, tasks },
      parameters: keepExact(parameters + tasks * adapter.parameters),
      sizes: whole.map(({ quantization, size }) => {
        checkTime();
        return addSizes(size, sizeAdapter(adapter, quantization), tasks);
      }),
      arithmetic: `${formatCount(parameters)} + ${tasks} × ${formatCount(adapter.parameters)}`,
      caveat: TASKS_CAVEAT,
    }));
  });
  if (adapted.every(({ reason }) => reason !== null)) return adapted;
  const models = buildRow({
    technique: "lora",
    name: `${tasks} tasks, ${tasks} models`,
    inputs: { tasks },
    parameters: keepExact(parameters * tasks),
    sizes: whole.map(({ size }) => addSizes(size, size, tasks - 1)),
    arithmetic: `${tasks} × ${formatCount(parameters)}`,
    caveat: TASKS_CAVEAT,
  });
  return [models, ...adapted];
}

function buildAdapterRow(
  name: string,
  plan: AdapterPlan | Unknown,
  describe: (plan: AdapterPlan) => Partial<ResultRow>,
): ResultRow {
  const row = isUnknown(plan) ? { reason: plan.reason } : describe(plan);
  return buildRow({ technique: "lora", name, ...row });
}

function keepExact(count: number): number | null {
  return Number.isSafeInteger(count) ? count : null;
}

/** Parse `<rank>[:<targets>][:dora][:save]`. Throws USAGE. */
export function parseLora([rankText = "", ...words]: readonly string[]): Step {
  const sets = words.filter((word) => word !== "dora" && word !== "save");
  if (sets.length > 1 || new Set(words).size < words.length)
    throw invalidStep(`"lora:${[rankText, ...words].join(":")}" has too many parts`, STEP_EXAMPLES.lora);
  const rank = parseRank(rankText);
  const targets = sets.length === 0 ? "all-linear" : parseChoice("lora", sets, TARGET_SETS);
  const [dora, save] = [words.includes("dora"), words.includes("save")];
  return {
    technique: "lora",
    text: `lora:${rank}:${targets}${dora ? ":dora" : ""}${save ? ":save" : ""}`,
    kind: "lora",
    apply: (variant) => addAdapter(variant, { rank, targets, dora, save }),
  };
}

/** Parse the rank of an adapter. Throws USAGE. */
export function parseRank(text: string): number {
  return parseNumber("lora", text, { what: "rank", max: MAX_RANK });
}

/** Add an adapter to what is left of the model. */
function addAdapter(variant: Variant, lora: Lora): Transform | Unknown {
  if (variant.adapter) return unknown("it has an adapter already");
  const plan = planAdapter(variant, lora);
  if (isUnknown(plan)) return plan;
  const { adapter, arithmetic, ...described } = plan;
  return { ...described, variant: { ...variant, adapter }, arithmetic: `${arithmetic} on top of the model` };
}

interface AdapterPlan extends Omit<Transform, "variant"> {
  readonly adapter: AdapterFile;
}

/** The file that peft would write, and what it was worked out from. */
export function planAdapter(
  variant: Variant,
  lora: Lora,
  targets: Targets | Unknown = chooseTargets(variant, lora.targets),
): AdapterPlan | Unknown {
  const { rank, dora = false, save = false } = lora;
  if (isUnknown(targets)) return targets;
  const modulesToSave = save ? nameSavedModules(variant) : [];
  const adapter = buildAdapterFile(variant, { rank, targets, dora, modulesToSave });
  if (isUnknown(adapter)) return adapter;
  return {
    name: nameAdapter(lora),
    inputs: {
      rank,
      targets: lora.targets,
      targetModules: targets instanceof RegExp ? targets.source : [targets].flat().join(","),
      dora,
      modulesToSave: modulesToSave.join(","),
      matrices: adapter.modules.length,
    },
    arithmetic: formatSum(adapter, lora),
    caveat: chooseCaveat(variant, lora),
    adapter,
  };
}

function chooseTargets(variant: Variant, set: TargetSet): Targets | Unknown {
  if (set === "all-linear") return set;
  if (set === "attention") return nameAttention(variant);
  const modelType = variant.config?.modelType ?? "a model without model_type";
  if (rewritesTargets(variant.config))
    return unknown(`peft finds no target modules by itself for ${modelType}: it rewrites them for experts`);
  return (
    refuseUnnamed(variant) ??
    findDefaultTargets(variant.config) ??
    unknown(`peft lacks default target modules for ${modelType}`)
  );
}

function chooseCaveat(variant: Variant, { targets }: Lora): string {
  const hasExperts = variant.weights.some(({ role }) => role === "experts");
  if (targets !== "all-linear" || !hasExperts) return CAVEAT;
  return rewritesTargets(variant.config) ? EXPERTS_CAVEAT : NO_EXPERTS_CAVEAT;
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
