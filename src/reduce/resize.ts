import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import type { Weight } from "../model/weight.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import { countElements } from "./counts.ts";
import { type Axis, type LayerWidths, classifyProjection, isBias, isInputsFirst } from "./projections.ts";
import { findTextStacks, type Layer } from "./stacks.ts";

/** The widths that change, and the width that takes the place of each. */
interface NewWidths extends Partial<LayerWidths> {
  /** Layers of a mixture have several. */
  readonly intermediate?: (before: number) => number;
}

/** A change of one layer. Of its present widths, only those that change, and the hidden one, are used. */
interface Resizing {
  readonly widths: Pick<LayerWidths, "hidden"> & Partial<LayerWidths>;
  readonly change: NewWidths;
}

/** Return the weights of all layers in new widths, by the weights they replace; unknown where the widths do not explain a shape. */
export function resizeLayers(
  { weights, config }: LogicalModel,
  choose: (layer: Layer) => Resizing | Unknown,
): ReadonlyMap<Weight, Weight> | Unknown {
  const resized = new Map<Weight, Weight>();
  for (const layer of findTextStacks(weights).flatMap(({ layers }) => layers)) {
    const resizing = choose(layer);
    if (isUnknown(resizing)) return resizing;
    for (const weight of layer.weights) {
      const after = resizeWeight(weight, config, resizing);
      if (isUnknown(after)) return after;
      resized.set(weight, after);
    }
  }
  return resized;
}

function resizeWeight(weight: Weight, config: Config | null, resizing: Resizing): Weight | Unknown {
  const { name, shape } = weight;
  const axes = findAxes(weight, config, resizing);
  if (axes === null)
    return resizing.change.hidden === undefined
      ? weight
      : unknown(`what ${name} does in its layer is not known`);
  const after = shape.map((size, position) => resizeAxis(axes[position] ?? "fixed", size, resizing));
  if (after.includes(null))
    return unknown(`${name} is [${shape.join(", ")}], which the rest of its layer does not explain`);
  return withShape(
    weight,
    after.map((size) => size ?? 0),
  );
}

export function withShape(weight: Weight, shape: readonly number[]): Weight {
  return { ...weight, shape, parameters: countElements(shape) };
}

/** Null where the weight is of no known kind. */
function findAxes(
  { name, shape, role }: Weight,
  config: Config | null,
  { widths }: Resizing,
): readonly Axis[] | null {
  const projection = classifyProjection(name);
  if (projection !== null) {
    const { outputs, inputs } = projection;
    const isVector = shape.length === 1 || isBias(name);
    if (isVector) return [...shape.slice(1).map(() => "fixed" as const), outputs]; // gpt-oss: a bias an expert
    if (shape.length === 3) {
      // Experts of a layer, stacked: [experts, outputs, inputs] in GGUF, the other way round in meta-llama's Llama 4.
      const last = inputs === "hidden" ? shape[2] : shape[1];
      return last === widths.hidden ? ["fixed", outputs, inputs] : ["fixed", inputs, outputs];
    }
    return isInputsFirst(role, config) ? [inputs, outputs] : [outputs, inputs];
  }
  // One for each head in Qwen/Qwen3-0.6B, over all of them in allenai/OLMo-2-1124-7B.
  const [, norm] = /\.(q_norm|k_norm)\.weight$/.exec(name) ?? [];
  if (norm !== undefined && shape.length === 1) {
    if (shape[0] === widths.headSize) return ["headSize"];
    return [norm === "q_norm" ? "query" : "keyValue"];
  }
  if (role === "norm" && shape.length === 1) return ["hidden"];
  if (role === "router") return shape.length === 2 ? ["fixed", "hidden"] : ["fixed"];
  return null;
}

/** Return the new size of an axis; null where its size is not the width it should have. */
function resizeAxis(axis: Axis, size: number, { widths, change }: Resizing): number | null {
  if (axis === "fixed") return size;
  if (axis === "intermediate" || axis === "twice") {
    const parts = axis === "twice" ? 2 : 1;
    if (!change.intermediate) return size;
    return size % parts === 0 ? parts * change.intermediate(size / parts) : null;
  }
  const [before, after] = axis === "fused" ? [fuse(widths), fuse(change)] : [widths[axis], change[axis]];
  if (after === undefined) return size;
  return size === before ? after : null;
}

/** The width of query, key and value in one matrix. */
function fuse({ query, keyValue }: Partial<LayerWidths>): number | undefined {
  return query === undefined || keyValue === undefined ? undefined : query + 2 * keyValue;
}
