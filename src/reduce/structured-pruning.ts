import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount, sumParameters } from "./counts.ts";
import type { ShapeChange, Transform, Variant } from "./variant.ts";
import type { Weight } from "../model/weight.ts";
import { measureLayer, orient } from "./layer-widths.ts";
import { isBias, isMatrixOf } from "./projections.ts";
import { reshapeConfig } from "./reshaped-config.ts";
import { resizeWeight, type KnownWidths, type NewWidths } from "./resize.ts";
import {
  findTextStacks,
  hasSharedLayers,
  nameLayerCounts,
  replaceLayers,
  spreadLayers,
  type Layer,
} from "./stacks.ts";

const CAVEAT = "Removed weights are gone in every runtime and format; recovering quality takes training.";

/** Takes whole heads out of every layer, with all heads that share keys and values. */
export function pruneHeads(variant: Variant, percent: number): Transform | Unknown {
  const { config } = variant;
  let kept = 0;
  let all = 0;
  let kvKept = 0;
  const change = resizeLayers(variant, (layer) => {
    const widths = measureLayer(layer, config);
    if (isUnknown(widths)) return widths;
    const { heads, keyValueHeads, headSize } = widths;
    // Where all heads share one key and value (google/gemma-2b), single heads can go.
    const units = keyValueHeads === 1 ? heads : keyValueHeads;
    const keptUnits = units - Math.floor((units * percent) / 100);
    if (keptUnits === units)
      return unknown(`${percent} % of ${units} ${keyValueHeads === 1 ? "heads" : "groups of heads"} is none`);
    const keptHeads = (heads / units) * keptUnits;
    if (kept !== 0 && kept !== keptHeads)
      return unknown(
        `layers differ in how heads share keys: ${percent} % is not the same number of heads in each`,
      );
    all = heads;
    kept = keptHeads;
    kvKept = keyValueHeads === 1 ? 1 : keptUnits;
    return { widths, change: { query: kept * headSize, keyValue: kvKept * headSize, heads: kept } };
  });
  if (isUnknown(change)) return change;
  return buildStructured(change, variant, {
    name: `${kept} of ${all} heads`,
    inputs: { unit: "heads", percent, before: all, after: kept },
    config: reshapeConfig(config, { heads: kept, keyValueHeads: kvKept }),
  });
}

/** Narrows what lies between the matrices of every feed-forward network. */
export function pruneWidth(variant: Variant, percent: number): Transform | Unknown {
  const widths = new Map<number, number>();
  const intermediate = (before: number) => {
    const after = before - Math.floor((before * percent) / 100);
    widths.set(before, after);
    return after;
  };
  const change = resizeLayers(variant, (layer) => {
    const hidden = findHidden(layer, variant);
    if (hidden === null)
      return unknown(`${layer.weights[0]?.name} is not part of a known feed-forward network`);
    return { widths: { hidden }, change: { intermediate } };
  });
  if (isUnknown(change)) return change;
  const pairs = [...widths];
  const only = pairs.length === 1 ? pairs[0] : null;
  return buildStructured(change, variant, {
    name: `${pairs.map(([before, after]) => `${after} of ${before}`).join(", ")} inner width`,
    inputs: { unit: "width", percent, before: pairs[0]?.[0] ?? null, after: pairs[0]?.[1] ?? null },
    // A mixture has several, each with a key of its own.
    config: only ? reshapeConfig(variant.config, { intermediate: only[1] }) : variant.config,
  });
}

/** Takes whole layers out, evenly spread. */
export function pruneLayers(variant: Variant, percent: number): Transform | Unknown {
  return dropLayers(variant, (count) => count - Math.floor((count * percent) / 100), {
    inputs: { unit: "layers", percent },
    which: "layers evenly spread",
  });
}

/** Keep a number of layers of every stack, evenly spread from the first. */
export function dropLayers(
  variant: Variant,
  countRemaining: (count: number) => number,
  { inputs, which }: Pick<Transform, "inputs"> & { readonly which: string },
): Transform | Unknown {
  const stacks = findTextStacks(variant.weights);
  const counts = stacks.map(({ layers }) => layers.length);
  const [first] = counts;
  if (first === undefined) return unknown("there is no stack of transformer layers");
  if (hasSharedLayers(variant))
    return unknown("its layers are shared: with fewer of them it is faster, not smaller");
  if (counts.every((count) => count === 1)) return unknown("it has one layer");
  const kept = counts.map(countRemaining);
  if (kept.every((count, index) => count === counts[index]))
    return unknown(`that removes none of ${counts.join(" and ")} layers`);
  const weights = replaceLayers(variant.weights, stacks, (stack) =>
    spreadLayers(stack, countRemaining(stack.layers.length)),
  );
  const config = reshapeConfig(variant.config, nameLayerCounts(stacks, countRemaining));
  return buildStructured({ weights, shapes: [] }, variant, {
    name: `${kept.join(" + ")} of ${counts.join(" + ")} layers`,
    inputs: { ...inputs, before: first, after: kept[0] ?? null },
    config,
    which,
  });
}

interface Resized {
  readonly weights: readonly Weight[];
  readonly shapes: readonly ShapeChange[];
}

/** Changes the matrices of every layer by the widths that each has. */
function resizeLayers(
  { weights, config }: Variant,
  choose: (layer: Layer) => { readonly widths: KnownWidths; readonly change: NewWidths } | Unknown,
): Resized | Unknown {
  const resized = new Map<Weight, Weight>();
  const shapes = new Map<string, ShapeChange>();
  for (const { layers } of findTextStacks(weights))
    for (const layer of layers) {
      const choice = choose(layer);
      if (isUnknown(choice)) return choice;
      for (const weight of layer.weights) {
        const after = resizeWeight(weight, config, choice.widths, choice.change);
        if (isUnknown(after)) return after;
        resized.set(weight, after);
        noteShape(shapes, weight, after);
      }
    }
  if (shapes.size === 0) return unknown("no layer has known shapes");
  const changed = weights.map((weight) => resized.get(weight) ?? weight);
  return { weights: changed, shapes: [...shapes.values()] };
}

/** One line for all layers and experts alike. */
function noteShape(shapes: Map<string, ShapeChange>, before: Weight, after: Weight): void {
  if (before.shape.join() === after.shape.join()) return;
  const name = before.name.replace(/(?<=\.)\d+(?=\.)/g, "*");
  const change = { name, before: before.shape, after: after.shape };
  shapes.set(`${name} ${change.before.join()}`, change);
}

function buildStructured(
  { weights, shapes }: Resized,
  variant: Variant,
  {
    name,
    inputs,
    config,
    which,
  }: Pick<Transform, "name" | "inputs"> & Pick<Variant, "config"> & { readonly which?: string },
): Transform {
  const before = sumParameters(variant.weights);
  const after = sumParameters(weights);
  const examples = shapes
    .filter((change) => !isBias(change.name))
    .map((change) => `${shorten(change.name)} [${change.before.join(", ")}] → [${change.after.join(", ")}]`);
  return {
    name,
    inputs,
    variant: { ...variant, weights, config },
    shapes,
    arithmetic: [
      `${formatCount(before)} − ${formatCount(before - after)}${which === undefined ? "" : ` of ${which}`}`,
      ...new Set(examples),
    ].join("; "),
    caveat: CAVEAT,
  };
}

/** `model.layers.*.self_attn.q_proj.weight` → `q_proj`; BERT calls three matrices `dense`. */
function shorten(name: string): string {
  const parts = name.replace(/\.weight$/, "").split(".");
  return parts.slice(parts.at(-1) === "dense" ? -2 : -1).join(".");
}

/** The width of what the layers hand on, by what comes out of them. */
function findHidden({ weights }: Layer, { config }: Variant): number | null {
  const last = weights.find((weight) => isMatrixOf("down", weight) || isMatrixOf("attention-output", weight));
  return last ? orient(last, config).outputs : null;
}
