import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount, sumParameters } from "./counts.ts";
import { type ResultRow, type RowOptions, buildRow } from "./row.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";
import { readDimension } from "../format/dimensions.ts";
import { isHeadTied } from "../model/ties.ts";
import { classifyArchitecture, findHead, findTokenEmbedding } from "../quant/layers.ts";
import { tieConfig } from "./reshaped-config.ts";
import { findTextStacks, findUnlike, hasSharedLayers, replaceLayers, type LayerStack } from "./stacks.ts";

/** Parts of a model that can be shared: the embedding and the output head, or whole layers. */
export type Sharing =
  | { readonly unit: "tied" | "untied" | "unshared" }
  /** Number of groups in each stack; the layers of a group are one. */
  | { readonly unit: "layers"; readonly groups: number };

const TIE_CAVEAT =
  "The head reads what the embedding wrote: tying a head that was trained apart needs training.";
const UNTIE_CAVEAT = "The same answers at first; a head of its own is downloaded, and can be trained apart.";
const LAYER_CAVEAT =
  "Fewer bytes, not fewer steps: every layer is still computed. Sharing has to be trained.";

/** List what sharing saves, what it would save, and the cost of giving it up. */
export function listSharings(base: BaseModel, options: RowOptions): ResultRow[] {
  const start = startVariant(base);
  const row = (name: string, change: Transform | Unknown) => buildRow("sharing", name, change, options);
  const isTied = hasTiedHead(base);
  return [
    ...(isTied ? [row("embedding tied (today)", buildTiedHead(base))] : []),
    ...(base.copies.length > 0 ? [row("stored twice (today)", buildStoredCopies(base))] : []),
    isTied
      ? row("embedding untied", share(start, { unit: "untied" }))
      : row("embedding tied", share(start, { unit: "tied" })),
    ...(hasSharedLayers(start)
      ? [
          row("layers shared (today)", buildSharedLayers(base)),
          row("layers unshared", share(start, { unit: "unshared" })),
        ]
      : [
          // By twos, two layers are one.
          ...(findTextStacks(base.weights).every(({ layers }) => layers.length === 2)
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

export function share(variant: Variant, sharing: Sharing): Transform | Unknown {
  switch (sharing.unit) {
    case "tied":
      return tieHead(variant);
    case "untied":
      return untieHead(variant);
    case "unshared":
      return unshareLayers(variant);
    case "layers":
      return shareLayers(variant, () => sharing.groups);
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

/** google/gemma-2b: the head is the embedding, and stored once. A GGUF file states the model type, not the class. */
function hasTiedHead(model: Variant | BaseModel): boolean {
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
  const wasted = sumParameters(copies);
  const names = copies.map(({ name }) => name.replace(/\.weight$/, "")).join(", ");
  return {
    name: `${names} stored twice (today)`,
    inputs: { unit: "copies", wastedParameters: wasted, wastedBytes: sumBytes(copies) },
    variant: startVariant({ ...base, weights: [...base.weights, ...copies] }),
    arithmetic: `${formatCount(sumParameters(base.weights))} + ${formatCount(wasted)} stored again as ${copies.map(({ name }) => name).join(", ")}`,
    caveat: "Whoever loads it ties them again: the second copy is downloaded for nothing.",
  };
}

function sumBytes(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
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
    arithmetic: `${formatCount(sumParameters(weights))} − ${formatProduct(head.shape)} of ${head.name}`,
    caveat: TIE_CAVEAT,
  };
}

function untieHead(variant: Variant): Transform | Unknown {
  const { weights, config } = variant;
  const embedding = findTokenEmbedding(weights);
  if (!embedding || !hasTiedHead(variant)) return unknown("its head is not tied to the embedding");
  const head = { ...embedding, name: "lm_head.weight", role: "head" as const };
  return {
    name: "embedding untied",
    inputs: { unit: "untied", addedParameters: head.parameters },
    variant: { ...variant, weights: [...weights, head], config: tieConfig(config, false) },
    arithmetic: `${formatCount(sumParameters(weights))} + ${formatProduct(head.shape)} of a head of its own`,
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
  const counts = stacks.map(({ layers }) => layers.length).join(" + ");
  const groups = stacks.map(({ layers }) => countGroups(layers.length));
  const saved = sumParameters(weights) - sumParameters(left);
  return {
    name: `${counts} layers in ${groups.join(" + ")} group${groups.at(-1) === 1 ? "" : "s"}`,
    inputs: { unit: "layers", layers: first.layers.length, groups: groups[0] ?? null },
    variant: { ...variant, weights: left, sharesLayers: true },
    arithmetic: `${formatCount(sumParameters(weights))} − ${formatCount(saved)} of layers that repeat, ${formatCount(sumLayer(first))} each`,
    caveat: LAYER_CAVEAT,
  };
}

function buildSharedLayers(base: BaseModel): Transform | Unknown {
  const unshared = unshareLayers(startVariant(base));
  if (isUnknown(unshared)) return unshared;
  const [stack] = findTextStacks(base.weights);
  const unique = sumParameters(base.weights);
  const effective = sumParameters(unshared.variant.weights);
  const { layers = null } = unshared.inputs;
  return {
    name: `${layers} layers in ${stack?.layers.length} group${stack?.layers.length === 1 ? "" : "s"} (today)`,
    inputs: { ...unshared.inputs, unit: "layers", uniqueParameters: unique, effectiveParameters: effective },
    variant: startVariant(base),
    arithmetic: `${formatCount(unique)} unique do the work of ${formatCount(effective)}`,
    caveat: LAYER_CAVEAT,
  };
}

/** Gives every layer weights of its own (transformers, modeling_albert.py: layer i is of group i × groups / layers). */
function unshareLayers(variant: Variant): Transform | Unknown {
  const { weights, config } = variant;
  const layers = config && readDimension(config.text, "layers");
  const [stack] = findTextStacks(weights);
  if (!hasSharedLayers(variant) || !layers || !stack) return unknown("it shares no layers");
  const groups = stack.layers.length;
  if (layers > MAX_LAYERS || groups > layers)
    return unknown(`${layers} layers of ${groups} groups make no model`);
  const own = Array.from(
    { length: layers },
    (_, index) => stack.layers[Math.floor((index * groups) / layers)],
  );
  const unshared = replaceLayers(weights, [stack], () => own.filter((layer) => layer !== undefined));
  const added = sumParameters(unshared) - sumParameters(weights);
  return {
    name: `${layers} layers, each its own`,
    inputs: { unit: "unshared", layers, groups },
    variant: { ...variant, weights: unshared },
    arithmetic: `${formatCount(sumParameters(weights))} + ${layers - groups} × ${formatCount(sumLayer(stack))} = ${formatCount(sumParameters(weights) + added)}`,
    caveat: "The same figures computed, the same answers: unsharing only costs bytes.",
  };
}

/** No published model comes near it. */
const MAX_LAYERS = 1_000;

function sumLayer({ layers }: LayerStack): number {
  return sumParameters(layers[0]?.weights ?? []);
}

/** `256,000 × 2,048 = 524,288,000` */
function formatProduct(shape: readonly number[]): string {
  return `${shape.map(formatCount).join(" × ")} = ${formatCount(shape.reduce((product, size) => product * size, 1))}`;
}
