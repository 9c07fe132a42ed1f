import { readDimension } from "../format/dimensions.ts";
import { isModelType } from "../model/architectures.ts";
import { LAYER_PATTERN, type Weight } from "../model/weight.ts";
import type { LogicalModel } from "../quant/scheme.ts";

/** The transformer layers of one network, in order. */
export interface LayerStack {
  /** What stands before the number of a layer: `model.layers`, `encoder.block`. */
  readonly prefix: string;
  readonly layers: readonly Layer[];
}

export interface Layer {
  readonly index: number;
  readonly weights: readonly Weight[];
}

/** Layers of a tower, and extra ones that predict further tokens, are not the language model's. */
const OTHER_ROLES: ReadonlySet<Weight["role"]> = new Set(["vision", "audio", "mtp", "adapter"] as const);

/** The stacks of the language model: one of most, encoder and decoder of google-t5/t5-base. */
export function findTextStacks(weights: readonly Weight[]): LayerStack[] {
  const stacks = new Map<string, Map<number, Weight[]>>();
  for (const weight of weights) {
    const { prefix, index } = LAYER_PATTERN.exec(weight.name)?.groups ?? {};
    if (prefix === undefined || OTHER_ROLES.has(weight.role)) continue;
    const layers = stacks.get(prefix) ?? new Map<number, Weight[]>();
    const layer = layers.get(Number(index)) ?? [];
    layer.push(weight);
    stacks.set(prefix, layers.set(Number(index), layer));
  }
  return [...stacks]
    .map(([prefix, byIndex]) => {
      const layers = [...byIndex].map(([index, own]) => ({ index, weights: own }));
      return { prefix, layers: layers.toSorted((a, b) => a.index - b.index) };
    })
    .filter(({ layers }) => layers.some((layer) => layer.weights.some(({ role }) => role === "attention")));
}

/** True where layers are stored once and computed several times, as those of albert/albert-base-v2 are. */
export function hasSharedLayers({
  weights,
  config,
  sharesLayers,
}: LogicalModel & { readonly sharesLayers: boolean }): boolean {
  if (sharesLayers || config === null || !isModelType(config, "albert")) return sharesLayers;
  const layers = readDimension(config.text, "layers");
  const [stack] = findTextStacks(weights);
  return layers !== null && stack !== undefined && stack.layers.length < layers;
}

/** The weights with other layers in these stacks, numbered anew. */
export function replaceLayers(
  weights: readonly Weight[],
  stacks: readonly LayerStack[],
  choose: (stack: LayerStack) => readonly Layer[],
): Weight[] {
  const inStacks = new Set(stacks.flatMap(({ layers }) => layers.flatMap((layer) => layer.weights)));
  const outside = weights.filter((weight) => !inStacks.has(weight));
  const inside = stacks.flatMap((stack) =>
    choose(stack).flatMap((layer, position) =>
      layer.weights.map((weight) => ({
        ...weight,
        name: `${stack.prefix}.${position}.${nameInLayer(weight, stack, layer)}`,
      })),
    ),
  );
  return [...outside, ...inside];
}

function nameInLayer({ name }: Weight, { prefix }: LayerStack, { index }: Layer): string {
  return name.slice(`${prefix}.${index}.`.length);
}

/** How many layers each stack is to have; those of a decoder next to an encoder are counted separately. */
export function nameLayerCounts(
  stacks: readonly LayerStack[],
  count: (layers: number) => number,
): { readonly layers?: number; readonly decoderLayers?: number } {
  const decoder = stacks.find(({ prefix }) => /(?:^|\.)decoder\./.test(prefix));
  const first = stacks.find((stack) => stack !== decoder) ?? decoder;
  return {
    ...(first && { layers: count(first.layers.length) }),
    ...(decoder && { decoderLayers: count(decoder.layers.length) }),
  };
}

/** Pick a number of layers, evenly spread from the first on: every second one of DistilBERT's teacher. More repeat each in turn. */
export function spreadLayers({ layers }: LayerStack, count: number): readonly Layer[] {
  return Array.from({ length: count }).flatMap(
    (_, position) => layers[Math.floor((position * layers.length) / count)] ?? [],
  );
}

/** The first weight by which two layers differ in shape; null where all layers are alike. */
export function findUnlike(stack: LayerStack): string | null {
  const [first, ...rest] = stack.layers.map((layer) => ({
    layer,
    shapes: new Map(layer.weights.map((one) => [nameInLayer(one, stack, layer), one.shape.join()])),
  }));
  if (!first) return null;
  for (const { layer, shapes } of rest)
    for (const name of new Set([...first.shapes.keys(), ...shapes.keys()]))
      if (first.shapes.get(name) !== shapes.get(name))
        return `${stack.prefix}.${(shapes.has(name) ? layer : first.layer).index}.${name}`;
  return null;
}
