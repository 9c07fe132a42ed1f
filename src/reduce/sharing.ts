import { readDimension } from "../format/dimensions.ts";
import { isHeadTied } from "../model/ties.ts";
import { classifyArchitecture, findHead, findTokenEmbedding } from "../quant/layers.ts";
import { groupDigits, isRefusal, startReducing, sumParameters } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { tieConfig } from "./reshaped-config.ts";
import { describeChange } from "./sizes.ts";
import { findTextStacks, findUnlike, hasSharedLayers, replaceLayers, type LayerStack } from "./stacks.ts";

/** What several parts of a model can have in common: the embedding and the output head, or whole layers. */
export type Sharing =
  | { readonly unit: "tied" | "untied" | "unshared" }
  /** So many groups in each stack; the layers of a group are one. */
  | { readonly unit: "layers"; readonly groups: number };

const TIE_LIMIT =
  "The head reads what the embedding wrote: tying a head that was trained apart needs training.";
const UNTIE_LIMIT = "The same answers at first; a head of its own is downloaded, and can be trained apart.";
const LAYER_LIMIT = "Fewer bytes, not fewer steps: every layer is still computed. Sharing has to be trained.";

/** What sharing saves, what it would save, and what it costs to give up. */
export function listSharings(original: Original, request: ReductionRequest): Reduction[] {
  const start = startReducing(original);
  const row = (name: string, change: Change | Refusal) => describeChange("sharing", name, change, request);
  const isTied = hasTiedHead(original);
  return [
    ...(isTied ? [row("embedding tied, as it is", describeTied(original))] : []),
    ...(original.copies.length > 0 ? [row("stored twice, as it is", describeCopies(original))] : []),
    isTied
      ? row("embedding untied", share(start, { unit: "untied" }))
      : row("embedding tied", share(start, { unit: "tied" })),
    ...(hasSharedLayers(start)
      ? [
          row("layers shared, as it is", describeShared(original)),
          row("layers unshared", share(start, { unit: "unshared" })),
        ]
      : [
          // By twos, two layers are one.
          ...(findTextStacks(original.weights).every(({ layers }) => layers.length === 2)
            ? []
            : [
                row(
                  "layers shared by twos",
                  shareLayers(start, (layers) => layers / 2),
                ),
              ]),
          row(
            "one layer for all",
            shareLayers(start, () => 1),
          ),
        ]),
  ];
}

export function share(reduced: Reduced, sharing: Sharing): Change | Refusal {
  switch (sharing.unit) {
    case "tied":
      return tieHead(reduced);
    case "untied":
      return untieHead(reduced);
    case "unshared":
      return unshareLayers(reduced);
    case "layers":
      return shareLayers(reduced, () => sharing.groups);
  }
}

/**
 * Classes that end in an output head over the vocabulary; BertModel of a sentence-transformer has none, and what
 * google/electra-base-discriminator is trained to tell is whether a token was replaced.
 */
const HAS_HEAD =
  /(?:CausalLM|LMHeadModel|ConditionalGeneration|MaskedLM|(?<!Electra|Funnel|Wav2Vec2)ForPreTraining)$/;

/** Encoders as llama.cpp calls them (gguf-py/gguf/constants.py): nomic-bert, gemma-embedding, t5encoder. */
const GGUF_ENCODER = /bert|embed|encoder/;

/** google/gemma-2b: the head is the embedding, and stored once. A GGUF names no class, only the model type. */
function hasTiedHead(model: Reduced | Original): boolean {
  const { weights, config } = model;
  if (findHead(weights) || !findTokenEmbedding(weights) || isHeadTied(config) !== true) return false;
  const { architecture = null, modelType = null } = config ?? {};
  return architecture === null
    ? classifyArchitecture(model) !== "encoder" && !GGUF_ENCODER.test(modelType ?? "")
    : HAS_HEAD.test(architecture);
}

function describeTied(original: Original): Change {
  const embedding = findTokenEmbedding(original.weights);
  return {
    name: "embedding tied, as it is",
    inputs: { unit: "tied", savedParameters: embedding?.parameters ?? 0 },
    reduced: startReducing(original),
    arithmetic: `${describeProduct(embedding?.shape ?? [])} serve as the output head, too`,
    caveat:
      original.copies.length > 0 ? UNTIE_LIMIT : "Saved already, in every format whose tool knows of it.",
  };
}

/** Qwen/Qwen3-0.6B stores its tied head a second time: 311 MB of nothing new. */
function describeCopies(original: Original): Change {
  const { copies } = original;
  const wasted = sumParameters(copies);
  const names = copies.map(({ name }) => name.replace(/\.weight$/, "")).join(", ");
  return {
    name: `${names} stored twice, as it is`,
    inputs: { unit: "copies", wastedParameters: wasted, wastedBytes: sumBytes(copies) },
    reduced: startReducing({ ...original, weights: [...original.weights, ...copies] }),
    arithmetic: `${groupDigits(sumParameters(original.weights))} + ${groupDigits(wasted)} stored again as ${copies.map(({ name }) => name).join(", ")}`,
    caveat: "Whoever loads it ties them again: the second copy is downloaded for nothing.",
  };
}

function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

function tieHead(reduced: Reduced): Change | Refusal {
  const { weights, config } = reduced;
  const head = findHead(weights);
  const embedding = findTokenEmbedding(weights);
  if (!embedding) return { reason: "it has no token embedding" };
  if (!head)
    return { reason: hasTiedHead(reduced) ? "its head is tied already" : "it has no output head to tie" };
  if (head.shape.join() !== embedding.shape.join())
    return { reason: `${head.name} and ${embedding.name} differ in shape` };
  const left = weights.filter((weight) => weight !== head);
  return {
    name: "embedding tied",
    inputs: { unit: "tied", savedParameters: head.parameters },
    reduced: { ...reduced, weights: left, config: tieConfig(config, true) },
    arithmetic: `${groupDigits(sumParameters(weights))} − ${describeProduct(head.shape)} of ${head.name}`,
    caveat: TIE_LIMIT,
  };
}

function untieHead(reduced: Reduced): Change | Refusal {
  const { weights, config } = reduced;
  const embedding = findTokenEmbedding(weights);
  if (!embedding || !hasTiedHead(reduced)) return { reason: "its head is not tied to the embedding" };
  const head = { ...embedding, name: "lm_head.weight", role: "head" as const };
  return {
    name: "embedding untied",
    inputs: { unit: "untied", addedParameters: head.parameters },
    reduced: { ...reduced, weights: [...weights, head], config: tieConfig(config, false) },
    arithmetic: `${groupDigits(sumParameters(weights))} + ${describeProduct(head.shape)} of a head of its own`,
    caveat: UNTIE_LIMIT,
  };
}

/** As ALBERT does (arXiv:1909.11942, §3.1): consecutive layers of a group are one. */
function shareLayers(reduced: Reduced, countGroups: (layers: number) => number): Change | Refusal {
  const { weights } = reduced;
  if (hasSharedLayers(reduced)) return { reason: "its layers are shared already" };
  const stacks = findTextStacks(weights);
  const [first] = stacks;
  if (!first) return { reason: "it has no stack of transformer layers" };
  for (const stack of stacks) {
    const layers = stack.layers.length;
    const groups = countGroups(layers);
    if (!Number.isInteger(groups))
      return { reason: `the ${layers} layers of ${stack.prefix} are no whole number of pairs` };
    if (layers % groups !== 0 || groups >= layers)
      return { reason: `${groups} groups do not divide the ${layers} layers of ${stack.prefix}` };
    const unlike = findUnlike(stack);
    if (unlike !== null) return { reason: `its layers are not alike: ${unlike}` };
  }
  const left = replaceLayers(weights, stacks, ({ layers }) => layers.slice(0, countGroups(layers.length)));
  const counts = stacks.map(({ layers }) => layers.length).join(" + ");
  const groups = stacks.map(({ layers }) => countGroups(layers.length));
  const saved = sumParameters(weights) - sumParameters(left);
  return {
    name: `${counts} layers in ${groups.join(" + ")} group${groups.at(-1) === 1 ? "" : "s"}`,
    inputs: { unit: "layers", layers: first.layers.length, groups: groups[0] ?? null },
    reduced: { ...reduced, weights: left, sharesLayers: true },
    arithmetic: `${groupDigits(sumParameters(weights))} − ${groupDigits(saved)} of layers that repeat, ${groupDigits(sumLayer(first))} each`,
    caveat: LAYER_LIMIT,
  };
}

function describeShared(original: Original): Change | Refusal {
  const unshared = unshareLayers(startReducing(original));
  if (isRefusal(unshared)) return unshared;
  const [stack] = findTextStacks(original.weights);
  const unique = sumParameters(original.weights);
  const effective = sumParameters(unshared.reduced.weights);
  const { layers = null } = unshared.inputs;
  return {
    name: `${layers} layers in ${stack?.layers.length} group${stack?.layers.length === 1 ? "" : "s"}, as it is`,
    inputs: { ...unshared.inputs, unit: "layers", uniqueParameters: unique, effectiveParameters: effective },
    reduced: startReducing(original),
    arithmetic: `${groupDigits(unique)} unique do the work of ${groupDigits(effective)}`,
    caveat: LAYER_LIMIT,
  };
}

/** Gives every layer weights of its own (transformers, modeling_albert.py: layer i is of group i × groups / layers). */
function unshareLayers(reduced: Reduced): Change | Refusal {
  const { weights, config } = reduced;
  const layers = config && readDimension(config.text, "layers");
  const [stack] = findTextStacks(weights);
  if (!hasSharedLayers(reduced) || !layers || !stack) return { reason: "it shares no layers" };
  const groups = stack.layers.length;
  if (layers > MAX_LAYERS || groups > layers)
    return { reason: `${layers} layers of ${groups} groups make no model` };
  const own = Array.from(
    { length: layers },
    (_, index) => stack.layers[Math.floor((index * groups) / layers)],
  );
  const unshared = replaceLayers(weights, [stack], () => own.filter((layer) => layer !== undefined));
  const added = sumParameters(unshared) - sumParameters(weights);
  return {
    name: `${layers} layers, each its own`,
    inputs: { unit: "unshared", layers, groups },
    reduced: { ...reduced, weights: unshared },
    arithmetic: `${groupDigits(sumParameters(weights))} + ${layers - groups} × ${groupDigits(sumLayer(stack))} = ${groupDigits(sumParameters(weights) + added)}`,
    caveat: "The same figures computed, the same answers: unsharing only costs bytes.",
  };
}

/** No published model comes near it. */
const MAX_LAYERS = 1_000;

function sumLayer({ layers }: LayerStack): number {
  return sumParameters(layers[0]?.weights ?? []);
}

/** `256,000 × 2,048 = 524,288,000` */
function describeProduct(shape: readonly number[]): string {
  return `${shape.map(groupDigits).join(" × ")} = ${groupDigits(shape.reduce((product, size) => product * size, 1))}`;
}
