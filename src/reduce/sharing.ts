import { listNames } from "../contract/list-names.ts";
import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { readDimension } from "../format/dimensions.ts";
import { isHeadTied } from "../model/ties.ts";
import { classifyArchitecture, findHead, findTokenEmbedding, withSeparateHead } from "../quant/layers.ts";
import { countElements, formatCount, joinCounts, sumParameters } from "./counts.ts";
import { tieConfig } from "./reshaped-config.ts";
import { type ResultRow, type RowOptions, buildTransformRow } from "./row.ts";
import { findTextStacks, findUnlike, hasSharedLayers, replaceLayers, spreadLayers } from "./stacks.ts";
import type { LayerStack } from "./stacks.ts";
import { parseChoice, parseNumber, type Step } from "./step.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";

const UNTIE_CAVEAT = "The same answers at first; a head of its own is downloaded, and can be trained apart.";
const LAYER_CAVEAT =
  "Fewer bytes, not fewer steps: every layer is still computed. Sharing has to be trained.";

/** List what sharing saves, what it would save, and the cost of giving it up. */
export function listSharings(base: BaseModel, options: RowOptions): ResultRow[] {
  const start = startVariant(base);
  const isTied = hasTiedHead(start);
  // By twos, two layers are one.
  const isPair = findTextStacks(base.weights).every(({ layers }) => layers.length === 2);
  const changes: Readonly<Record<string, Transform | Unknown>> = {
    ...(isTied && { "embedding tied (today)": buildTiedHead(base) }),
    ...(base.copies.length > 0 && { "stored twice (today)": buildStoredCopies(base) }),
    ...(isTied ? { "embedding untied": untieHead(start) } : { "embedding tied": tieHead(start) }),
    ...(hasSharedLayers(start)
      ? { "layers shared (today)": buildSharedLayers(start), "layers unshared": unshareLayers(start) }
      : {
          ...(!isPair && { "layers shared by twos": shareLayers(start, (layers) => layers / 2) }),
          "one layer for all": shareLayers(start, () => 1),
        }),
  };
  return Object.entries(changes).map(([name, change]) =>
    buildTransformRow({ technique: "sharing", name }, change, options),
  );
}

const SHARINGS = { tied: tieHead, untied: untieHead, unshared: unshareLayers } as const;

/** Parse `tied`, `untied`, `unshared` or `layers:<groups>`. Throws USAGE. */
export function parseSharing(words: readonly string[]): Step {
  const [unit, count = "", ...rest] = words;
  if (unit === "layers" && rest.length === 0) {
    const groups = parseNumber("share", count, { what: "number of groups", max: 999 });
    return {
      technique: "sharing",
      text: `share:layers:${groups}`,
      kind: "sharing layers",
      apply: (variant) => shareLayers(variant, () => groups),
    };
  }
  const kind = parseChoice("share", words, ["tied", "untied", "unshared"]);
  return { technique: "sharing", text: `share:${kind}`, kind, apply: SHARINGS[kind] };
}

/**
 * Classes that end in an output head over the vocabulary; BertModel of a sentence-transformer has none, and what
 * google/electra-base-discriminator is trained to tell is whether a token was replaced.
 */
const HAS_HEAD =
  /(?:CausalLM|LMHeadModel|ConditionalGeneration|MaskedLM|(?<!Electra|Funnel|Wav2Vec2)ForPreTraining)$/;

/** Encoders as llama.cpp calls them (gguf-py/gguf/constants.py): nomic-bert, gemma-embedding, t5encoder. */
const GGUF_ENCODER = /bert|embed|encoder/;

/** google/gemma-2b: the head is the embedding, and stored once. A GGUF file states the model type, not the class. */
function hasTiedHead(model: Variant): boolean {
  const { weights, config } = model;
  if (findHead(weights) || !findTokenEmbedding(weights) || isHeadTied(config) !== true) return false;
  const { architecture = null, modelType = null } = config ?? {};
  return architecture === null
    ? classifyArchitecture(model) !== "encoder" && !GGUF_ENCODER.test(modelType ?? "")
    : HAS_HEAD.test(architecture);
}

function buildTiedHead(base: BaseModel): Transform {
  const embedding = findTokenEmbedding(base.weights);
  return {
    name: "embedding tied (today)",
    inputs: { unit: "tied", savedParameters: embedding?.parameters ?? 0 },
    variant: startVariant(base),
    arithmetic: `${formatProduct(embedding?.shape ?? [])} serve as the output head, too`,
    caveat: base.copies.length > 0 ? UNTIE_CAVEAT : "Saved already, in every format whose tool knows of it.",
  };
}

/** Qwen/Qwen3-0.6B stores its tied head a second time: 311 MB of nothing new. */
function buildStoredCopies(base: BaseModel): Transform {
  const { copies } = base;
  const names = copies.map(({ name }) => name);
  const wastedParameters = sumParameters(copies);
  const wastedBytes = copies.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    name: `${listNames(names.map((name) => name.replace(/\.weight$/, "")))} stored twice (today)`,
    inputs: { unit: "copies", wastedParameters, wastedBytes },
    variant: startVariant({ ...base, weights: [...base.weights, ...copies] }),
    arithmetic: `${formatSum(base)} + ${formatCount(wastedParameters)} stored again as ${listNames(names)}`,
    caveat: "Whoever loads it ties them again: the second copy is downloaded for nothing.",
  };
}

function tieHead(variant: Variant): Transform | Unknown {
  const { weights, config } = variant;
  const head = findHead(weights);
  const embedding = findTokenEmbedding(weights);
  if (!embedding) return unknown("there is no token embedding");
  if (!head)
    return unknown(hasTiedHead(variant) ? "its head is tied already" : "there is no output head to tie");
  if (head.shape.join() !== embedding.shape.join())
    return unknown(`${head.name} and ${embedding.name} differ in shape`);
  const left = weights.filter((weight) => weight !== head);
  return {
    name: "embedding tied",
    inputs: { unit: "tied", savedParameters: head.parameters },
    variant: { ...variant, weights: left, config: tieConfig(config, true) },
    arithmetic: `${formatSum(variant)} − ${formatProduct(head.shape)} of ${head.name}`,
    caveat: "The head reads what the embedding wrote: tying a head that was trained apart needs training.",
  };
}

function untieHead(variant: Variant): Transform | Unknown {
  const { weights, config } = variant;
  const embedding = findTokenEmbedding(weights);
  if (!embedding || !hasTiedHead(variant)) return unknown("its head is not tied to the embedding");
  return {
    name: "embedding untied",
    inputs: { unit: "untied", addedParameters: embedding.parameters },
    variant: { ...variant, weights: withSeparateHead(weights, true), config: tieConfig(config, false) },
    arithmetic: `${formatSum(variant)} + ${formatProduct(embedding.shape)} of a head of its own`,
    caveat: UNTIE_CAVEAT,
  };
}

/** As ALBERT does (arXiv:1909.11942, §3.1): consecutive layers of a group are one. */
function shareLayers(variant: Variant, countGroups: (layers: number) => number): Transform | Unknown {
  const { weights } = variant;
  if (hasSharedLayers(variant)) return unknown("its layers are shared already");
  const stacks = findTextStacks(weights);
  const [first] = stacks;
  if (!first) return unknown("there is no stack of transformer layers");
  for (const stack of stacks) {
    const layers = stack.layers.length;
    const groups = countGroups(layers);
    if (!Number.isInteger(groups))
      return unknown(`the ${layers} layers of ${stack.prefix} are an odd number`);
    if (layers % groups !== 0 || groups >= layers)
      return unknown(`${groups} groups do not divide the ${layers} layers of ${stack.prefix}`);
    const unlike = findUnlike(stack);
    if (unlike !== null) return unknown(`its layers are not alike: ${unlike}`);
  }
  const left = replaceLayers(weights, stacks, ({ layers }) => layers.slice(0, countGroups(layers.length)));
  const counts = stacks.map(({ layers }) => layers.length);
  const saved = sumParameters(weights) - sumParameters(left);
  return {
    name: `${joinCounts(counts)} layers in ${formatGroups(counts.map(countGroups))}`,
    inputs: { unit: "layers", layers: first.layers.length, groups: countGroups(first.layers.length) },
    variant: { ...variant, weights: left, sharesLayers: true },
    arithmetic: `${formatSum(variant)} − ${formatCount(saved)} of layers that repeat, ${formatCount(sumLayer(first))} each`,
    caveat: LAYER_CAVEAT,
  };
}

function buildSharedLayers(start: Variant): Transform | Unknown {
  const unshared = unshareLayers(start);
  if (isUnknown(unshared)) return unshared;
  const { layers = null, groups = null } = unshared.inputs;
  const uniqueParameters = sumParameters(start.weights);
  const effectiveParameters = sumParameters(unshared.variant.weights);
  return {
    name: `${layers} layers in ${formatGroups([Number(groups)])} (today)`,
    inputs: { unit: "layers", layers, groups, uniqueParameters, effectiveParameters },
    variant: start,
    arithmetic: `${formatCount(uniqueParameters)} unique do the work of ${formatCount(effectiveParameters)}`,
    caveat: LAYER_CAVEAT,
  };
}

/** No published model comes near it. */
const MAX_LAYERS = 1_000;

/** Give every layer weights of its own (transformers, modeling_albert.py: layer i is of group i × groups / layers). */
function unshareLayers(variant: Variant): Transform | Unknown {
  const { weights, config } = variant;
  const layers = config && readDimension(config.text, "layers");
  const [stack] = findTextStacks(weights);
  if (!hasSharedLayers(variant) || !layers || !stack) return unknown("it shares no layers");
  const groups = stack.layers.length;
  if (layers > MAX_LAYERS || groups > layers)
    return unknown(`${layers} layers of ${groups} groups make no model`);
  const unshared = replaceLayers(weights, [stack], () => spreadLayers(stack, layers));
  return {
    name: `${layers} layers, each its own`,
    inputs: { unit: "unshared", layers, groups },
    variant: { ...variant, weights: unshared },
    arithmetic: `${formatSum(variant)} + ${layers - groups} × ${formatCount(sumLayer(stack))} = ${formatCount(sumParameters(unshared))}`,
    caveat: "The same figures computed, the same answers: unsharing only costs bytes.",
  };
}

function sumLayer({ layers }: LayerStack): number {
  return sumParameters(layers[0]?.weights ?? []);
}

function formatSum({ weights }: Pick<Variant, "weights">): string {
  return formatCount(sumParameters(weights));
}

function formatGroups(groups: readonly number[]): string {
  return `${joinCounts(groups)} group${groups.at(-1) === 1 ? "" : "s"}`;
}

/** `256,000 × 2,048 = 524,288,000` */
function formatProduct(shape: readonly number[]): string {
  return `${shape.map(formatCount).join(" × ")} = ${formatCount(countElements(shape))}`;
}
