import { type Unknown, unknown } from "../contract/unknown.ts";
import type { Config } from "../format/config.ts";
import type { Weight } from "../model/weight.ts";
import { isInputsFirst, type LayerWidths } from "./layer-widths.ts";
import { classifyProjection, isBias, type Projection } from "./projections.ts";

/** The widths that change, and the width that takes the place of each. */
export interface NewWidths {
  readonly hidden?: number;
  readonly query?: number;
  readonly keyValue?: number;
  readonly heads?: number;
  readonly headSize?: number;
  /** Layers of a mixture have several. */
  readonly intermediate?: (before: number) => number;
}

/** The present widths of the layer; only those that change, and the hidden one, are used. */
export type KnownWidths = Pick<LayerWidths, "hidden"> & Partial<LayerWidths>;

type Axis =
  "hidden" | "query" | "keyValue" | "heads" | "headSize" | "fused" | "intermediate" | "twice" | "fixed";

/** The output and input axes of a projection. */
const AXES = {
  query: ["query", "hidden"],
  key: ["keyValue", "hidden"],
  value: ["keyValue", "hidden"],
  "query-key-value": ["fused", "hidden"],
  "attention-output": ["hidden", "query"],
  up: ["intermediate", "hidden"],
  "gate-up": ["twice", "hidden"],
  down: ["hidden", "intermediate"],
  "relative-bias": ["fixed", "heads"],
  sinks: ["heads", "fixed"],
} as const satisfies Record<Projection, readonly [Axis, Axis]>;

/** One weight of a layer with other widths; refuses what the widths do not explain. */
export function resizeWeight(
  weight: Weight,
  config: Config | null,
  widths: KnownWidths,
  change: NewWidths,
): Weight | Unknown {
  const axes = findAxes(weight, config, widths);
  if (axes === null) {
    if (change.hidden === undefined) return weight;
    return unknown(`what ${weight.name} does in its layer is not known`);
  }
  const shape: number[] = [];
  for (const [position, size] of weight.shape.entries()) {
    const axis = axes[position] ?? "fixed";
    const resized = isChanged(axis, change) ? resizeAxis(axis, size, widths, change) : size;
    if (resized === null)
      return unknown(
        `${weight.name} is [${weight.shape.join(", ")}], which the rest of its layer does not explain`,
      );
    shape.push(resized);
  }
  return withShape(weight, shape);
}

function isChanged(axis: Axis, change: NewWidths): boolean {
  if (axis === "fixed") return false;
  if (axis === "fused") return change.query !== undefined || change.keyValue !== undefined;
  return change[axis === "twice" ? "intermediate" : axis] !== undefined;
}

export function withShape(weight: Weight, shape: readonly number[]): Weight {
  return { ...weight, shape, parameters: shape.reduce((product, size) => product * size, 1) };
}

/** Null where the weight is of no known kind. */
function findAxes(
  { name, shape, role }: Weight,
  config: Config | null,
  widths: KnownWidths,
): readonly Axis[] | null {
  const part = classifyProjection(name);
  if (part === null) return findOtherAxes(name, shape, role, widths);
  const [outputs, inputs] = AXES[part];
  const isVector = shape.length === 1 || isBias(name);
  if (isVector) return [...shape.slice(1).map(() => "fixed" as const), outputs]; // gpt-oss: a bias an expert
  if (shape.length === 3) {
    // Experts of a layer, stacked: [experts, outputs, inputs] in GGUF, the other way round in meta-llama's Llama 4.
    const last = inputs === "hidden" ? shape[2] : shape[1];
    return last === widths.hidden ? ["fixed", outputs, inputs] : ["fixed", inputs, outputs];
  }
  return isInputsFirst(role, config) ? [inputs, outputs] : [outputs, inputs];
}

/** Return the axes of other weights: norms and routers. */
function findOtherAxes(
  name: string,
  shape: readonly number[],
  role: Weight["role"],
  widths: KnownWidths,
): readonly Axis[] | null {
  const [first] = shape;
  // One for each head in Qwen/Qwen3-0.6B, over all of them in allenai/OLMo-2-1124-7B.
  if (/\.(?:q_norm|k_norm)\.weight$/.test(name) && shape.length === 1) {
    if (first === widths.headSize) return ["headSize"];
    return [name.includes("q_norm") ? "query" : "keyValue"];
  }
  if (role === "norm" && shape.length === 1) return ["hidden"];
  if (role === "router") return shape.length === 2 ? ["fixed", "hidden"] : ["fixed"];
  return null;
}

function resizeAxis(axis: Axis, size: number, widths: KnownWidths, change: NewWidths): number | null {
  switch (axis) {
    case "fixed":
      return size;
    case "intermediate":
      return change.intermediate?.(size) ?? size;
    case "twice":
      return size % 2 === 0 ? 2 * (change.intermediate?.(size / 2) ?? size / 2) : null;
    case "fused": {
      const { query, keyValue } = widths;
      if (query === undefined || keyValue === undefined || size !== query + 2 * keyValue) return null;
      return (change.query ?? query) + 2 * (change.keyValue ?? keyValue);
    }
    default:
      return size === widths[axis] ? (change[axis] ?? size) : null;
  }
}
