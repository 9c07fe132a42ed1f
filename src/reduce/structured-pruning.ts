import { listNames } from "../contract/list-names.ts";
import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import { formatCount, joinCounts, sumParameters } from "./counts.ts";
import { findMatrix, isBias, measureLayer } from "./projections.ts";
import { reshapeConfig } from "./reshaped-config.ts";
import { resizeLayers } from "./resize.ts";
import { findTextStacks, hasSharedLayers, nameLayerCounts, replaceLayers, spreadLayers } from "./stacks.ts";
import type { Transform, Variant } from "./variant.ts";

/** Take whole heads out of every layer, with all heads that share keys and values. */
export function pruneHeads(variant: Variant, percent: number): Transform | Unknown {
  const { config } = variant;
  let kept = 0;
  let all = 0;
  let kvKept = 0;
  const resized = resizeLayers(variant, (layer) => {
    const widths = measureLayer(layer, config);
    if (isUnknown(widths)) return widths;
    const { heads, keyValueHeads, headSize } = widths;
    // Where all heads share one key and value (google/gemma-2b), single heads can go.
    const units = keyValueHeads === 1 ? heads : keyValueHeads;
    const keptUnits = countLeft(units, percent);
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
  return buildNarrower(variant, resized, () => ({
    name: `${kept} of ${all} heads`,
    inputs: { unit: "heads", percent, before: all, after: kept },
    config: reshapeConfig(config, { heads: kept, keyValueHeads: kvKept }),
  }));
}

/** Narrow what lies between the matrices of every feed-forward network. */
export function pruneWidth(variant: Variant, percent: number): Transform | Unknown {
  const { config } = variant;
  const widths = new Map<number, number>();
  const intermediate = (before: number) => {
    const after = countLeft(before, percent);
    widths.set(before, after);
    return after;
  };
  const resized = resizeLayers(variant, (layer) => {
    const hidden = findMatrix(layer, config, "down", "attention-output")?.outputs;
    if (hidden === undefined)
      return unknown(`${layer.weights[0]?.name} is not part of a known feed-forward network`);
    return { widths: { hidden }, change: { intermediate } };
  });
  return buildNarrower(variant, resized, () => {
    const pairs = [...widths];
    const [before = null, after = null] = pairs[0] ?? [];
    return {
      name: `${listNames(pairs.map((pair) => pair.toReversed().join(" of ")))} inner width`,
      inputs: { unit: "width", percent, before, after },
      // A mixture has several, each with a key of its own.
      config: pairs.length === 1 && after ? reshapeConfig(config, { intermediate: after }) : config,
    };
  });
}

/** Take whole layers out, evenly spread. */
export function pruneLayers(variant: Variant, percent: number): Transform | Unknown {
  return dropLayers(variant, (count) => countLeft(count, percent), {
    inputs: { unit: "layers", percent },
    which: "layers evenly spread",
  });
}

function countLeft(count: number, percent: number): number {
  return count - Math.floor((count * percent) / 100);
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
    return unknown(`that removes none of ${joinCounts(counts, " and ")} layers`);
  const weights = replaceLayers(variant.weights, stacks, (stack) =>
    spreadLayers(stack, countRemaining(stack.layers.length)),
  );
  const config = reshapeConfig(variant.config, nameLayerCounts(stacks, countRemaining));
  return {
    name: `${joinCounts(kept)} of ${joinCounts(counts)} layers`,
    inputs: { ...inputs, before: first, after: kept[0] ?? null },
    variant: { ...variant, weights, config },
    arithmetic: `${formatRemoved(variant, weights)} of ${which}`,
    caveat: CAVEAT,
  };
}

const CAVEAT = "Removed weights are gone in every runtime and format; recovering quality takes training.";

/** Build the result of layers with other widths. */
function buildNarrower(
  variant: Variant,
  resized: ReadonlyMap<Weight, Weight> | Unknown,
  describe: () => Pick<Transform, "name" | "inputs"> & Pick<Variant, "config">,
): Transform | Unknown {
  if (isUnknown(resized)) return resized;
  const shapes = listShapeChanges(resized);
  if (shapes.length === 0) return unknown("no layer has known shapes");
  const weights = variant.weights.map((weight) => resized.get(weight) ?? weight);
  const { config, ...named } = describe();
  const examples = shapes
    .filter(({ name }) => !isBias(name))
    .map(({ name, before, after }) => `${shorten(name)} [${before.join(", ")}] → [${after.join(", ")}]`);
  return {
    ...named,
    variant: { ...variant, weights, config },
    shapes,
    arithmetic: `${formatRemoved(variant, weights)}; ${listNames([...new Set(examples)], 8, "; ")}`,
    caveat: CAVEAT,
  };
}

/** List one change for all layers and experts that are alike, their numbers written `*`. */
function listShapeChanges(resized: ReadonlyMap<Weight, Weight>): NonNullable<Transform["shapes"]> {
  const changes = [...resized]
    .map(([{ name, shape }, after]) => ({
      name: name.replace(/(?<=\.)\d+(?=\.)/g, "*"),
      before: [...shape],
      after: [...after.shape],
    }))
    .filter(({ before, after }) => before.join() !== after.join());
  return [...new Map(changes.map((change) => [`${change.name} ${change.before.join()}`, change])).values()];
}

function formatRemoved({ weights }: Variant, left: readonly Weight[]): string {
  const before = sumParameters(weights);
  return `${formatCount(before)} − ${formatCount(before - sumParameters(left))}`;
}

/** `model.layers.*.self_attn.q_proj.weight` → `q_proj`; BERT calls three matrices `dense`. */
function shorten(name: string): string {
  const parts = name.replace(/\.weight$/, "").split(".");
  return parts.slice(parts.at(-1) === "dense" ? -2 : -1).join(".");
}
