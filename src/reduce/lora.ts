import type { Quantization } from "../quant/quantization.ts";
import { findHead, findTokenEmbedding } from "../quant/layers.ts";
import { computeAdapterBytes, layOutAdapter, type AdapterFile, type AdapterRecipe } from "./adapter-file.ts";
import { DEFAULT_TARGETS, nameAttention, type Targets } from "./lora-targets.ts";
import { groupDigits, isRefusal, refuse, startReducing, sumParameters } from "./reduction.ts";
import type {
  Change,
  Original,
  Reduced,
  ReducedSize,
  Reduction,
  ReductionRequest,
  Refusal,
} from "./reduction.ts";
import { sizeReduced, unknownSize } from "./sizes.ts";

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
const EXPERTS_LIMIT =
  "All-linear passes over experts, which transformers 5 holds in one parameter a layer; the base model is needed, too.";
const TASKS_LIMIT =
  "One model is downloaded, and an adapter for each task, all-linear, in place of as many models.";

export interface LoraRequest extends ReductionRequest {
  readonly ranks: readonly number[];
  /** As many fine-tuned models, or as many adapters. */
  readonly tasks: number;
}

/** What adapters would weigh, and so many of them beside one model against so many models. */
export function listAdapters(original: Original, request: LoraRequest): Reduction[] {
  const { ranks } = request;
  const usual: readonly Lora[] = [
    ...ranks.flatMap((rank) => TARGET_SETS.map((targets) => ({ rank, targets, dora: false, save: false }))),
    ...ranks.map((rank) => ({ rank, targets: "all-linear" as const, dora: true, save: false })),
    ...ranks.slice(0, 1).map((rank) => ({ rank, targets: "attention" as const, dora: false, save: true })),
  ];
  return [
    ...usual.map((lora) => describeAdapter(original, lora, request)),
    describeFullModels(original, request),
    ...ranks.map((rank) =>
      describeTasks(original, { rank, targets: "all-linear", dora: false, save: false }, request),
    ),
  ];
}

/** An adapter beside what is left of the model. */
export function addAdapter(reduced: Reduced, lora: Lora): Change | Refusal {
  if (reduced.adapter) return { reason: "it has an adapter already" };
  const recipe = describeRecipe(reduced, lora);
  if (isRefusal(recipe)) return recipe;
  const adapter = layOutAdapter(reduced, recipe);
  if (isRefusal(adapter)) return adapter;
  return {
    name: nameAdapter(lora),
    inputs: describeInputs(lora, recipe, adapter),
    reduced: { ...reduced, adapter },
    arithmetic: `${describeSum(adapter, lora)} beside the model`,
    limit: describeLimit(reduced, lora),
  };
}

function describeAdapter(original: Original, lora: Lora, { quantizations }: LoraRequest): Reduction {
  const change = addAdapter(startReducing(original), lora);
  if (isRefusal(change)) return refuse("lora", nameAdapter(lora), change.reason);
  const adapter = change.reduced.adapter as AdapterFile;
  return {
    technique: "lora",
    name: change.name,
    inputs: change.inputs,
    parameters: adapter.parameters,
    tensors: adapter.tensors.length,
    sizes: quantizations.map((quantization) => sizeAdapter(adapter, quantization)),
    shapes: [],
    arithmetic: describeSum(adapter, lora),
    limit: change.limit,
    reason: null,
  };
}

function describeLimit({ weights }: Reduced, { targets }: Lora): string {
  const hasExperts = weights.some(({ role }) => role === "experts");
  return targets === "all-linear" && hasExperts ? EXPERTS_LIMIT : LIMIT;
}

/** Beside a quantized model an adapter stays at 16 bits (QLoRA, arXiv:2305.14314). */
function sizeAdapter(adapter: AdapterFile, { name, level }: Quantization): ReducedSize {
  if (level === null) return unknownSize(name, "an adapter is a file of its own, in safetensors");
  const bytes = computeAdapterBytes(adapter, level === "fp32" ? "F32" : "F16");
  return { quantization: name, bytes, basis: "computed", errorBand: null, reason: null };
}

function describeFullModels(original: Original, request: LoraRequest): Reduction {
  const { tasks } = request;
  const sizes = sizeReduced(startReducing(original), request).map((size) => multiplySize(size, tasks));
  const parameters = multiply(sumParameters(original.weights), tasks);
  return {
    technique: "lora",
    name: `${tasks} tasks, ${tasks} models`,
    inputs: { tasks },
    parameters,
    tensors: null,
    sizes,
    shapes: [],
    arithmetic: `${tasks} × ${groupDigits(sumParameters(original.weights))}`,
    limit: TASKS_LIMIT,
    reason: null,
  };
}

function describeTasks(original: Original, lora: Lora, request: LoraRequest): Reduction {
  const { tasks, quantizations } = request;
  const start = startReducing(original);
  const change = addAdapter(start, lora);
  const name = `${tasks} tasks, rank ${lora.rank} adapters`;
  if (isRefusal(change)) return refuse("lora", name, change.reason);
  const adapter = change.reduced.adapter as AdapterFile;
  const base = sumParameters(original.weights);
  return {
    technique: "lora",
    name,
    inputs: { ...change.inputs, tasks },
    parameters: add(base, multiply(adapter.parameters, tasks)),
    tensors: null,
    sizes: sizeReduced(start, request).map((size, index) => {
      const quantization = quantizations[index];
      const adapterSize = quantization && sizeAdapter(adapter, quantization);
      if (!adapterSize || adapterSize.bytes === null || size.bytes === null)
        return { ...size, ...adapterSize };
      const bytes = add(size.bytes, multiply(adapterSize.bytes, tasks));
      return bytes === null ? unknownSize(size.quantization, TOO_LARGE) : { ...size, bytes };
    }),
    shapes: [],
    arithmetic: `${groupDigits(base)} + ${tasks} × ${groupDigits(adapter.parameters)}`,
    limit: TASKS_LIMIT,
    reason: null,
  };
}

const TOO_LARGE = "it is too large to be counted exactly";

function multiplySize(size: ReducedSize, tasks: number): ReducedSize {
  if (size.bytes === null) return size;
  const bytes = multiply(size.bytes, tasks);
  return bytes === null ? unknownSize(size.quantization, TOO_LARGE) : { ...size, bytes };
}

function multiply(count: number, factor: number): number | null {
  const product = count * factor;
  return Number.isSafeInteger(product) ? product : null;
}

function add(count: number, other: number | null): number | null {
  const sum = count + (other ?? Infinity);
  return Number.isSafeInteger(sum) ? sum : null;
}

function describeRecipe(reduced: Reduced, lora: Lora): AdapterRecipe | Refusal {
  const targets = chooseTargets(reduced, lora.targets);
  if (targets === null) {
    const modelType = reduced.config?.modelType ?? "a model without model_type";
    return { reason: `peft has no default target modules for ${modelType}` };
  }
  const modulesToSave = lora.save ? nameSavedModules(reduced) : [];
  return { rank: lora.rank, targets, dora: lora.dora, modulesToSave };
}

function chooseTargets(reduced: Reduced, targets: TargetSet): Targets | null {
  if (targets === "all-linear") return "all-linear";
  if (targets === "attention") return nameAttention(reduced);
  return DEFAULT_TARGETS.get(reduced.config?.modelType ?? "") ?? null;
}

/** The embedding and, where it is stored, the head; a tied head has no copy of its own. */
function nameSavedModules({ weights }: Reduced): string[] {
  return [findTokenEmbedding(weights), findHead(weights)].flatMap((weight) =>
    weight
      ? [
          weight.name
            .replace(/\.weight$/, "")
            .split(".")
            .at(-1) ?? weight.name,
        ]
      : [],
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
function describeSum({ modules, tensors }: AdapterFile, { rank, dora }: Lora): string {
  const sides = modules.reduce((sum, { inputs, outputs }) => sum + inputs + outputs, 0);
  const outputs = modules.reduce((sum, module) => sum + module.outputs, 0);
  const saved = sumParameters(tensors.filter(({ name }) => !name.includes(".lora_")));
  return [
    `${rank} × ${groupDigits(sides)} inputs and outputs of ${modules.length} matrices`,
    ...(dora ? [`${groupDigits(outputs)} magnitudes`] : []),
    ...(saved > 0 ? [`${groupDigits(saved)} saved whole`] : []),
  ].join(" + ");
}
