import { type Unknown, unknown } from "../contract/unknown.ts";
import { keysOf } from "../format/dimensions.ts";
import { createConfigReader } from "../memory/config-reader.ts";
import type { Config } from "../format/config.ts";
import type { Weight } from "../model/weight.ts";
import { isConv1D } from "../quant/layers.ts";
import { classifyProjection, isMatrixOf, type Projection } from "./projections.ts";
import type { Layer } from "./stacks.ts";

/** How wide one transformer layer is, as its own matrices show. */
export interface LayerWidths {
  readonly hidden: number;
  /** Of all heads together. */
  readonly query: number;
  readonly keyValue: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/**
 * Reads the widths off a layer; only the number of heads is in no shape. Refuses attention of another build, such as
 * the latent one of deepseek-ai/DeepSeek-V2-Lite.
 */
export function measureLayer(layer: Layer, config: Config | null): LayerWidths | Unknown {
  const heads = config && createConfigReader(config).optional(...keysOf("heads", "decoderHeads")); // google/gemma-3-4b-it leaves it to its class
  if (!heads) return unknown("config.json does not state the number of attention heads");
  const find = (part: Projection) => {
    const found = layer.weights.find((weight) => isMatrixOf(part, weight));
    return found && orient(found, config);
  };
  const output = find("attention-output");
  const key = find("key");
  const fused = find("query-key-value");
  const other = layer.weights.find(
    ({ name, shape, role }) => role === "attention" && shape.length > 1 && classifyProjection(name) === null,
  );
  if (!output || (!key && !fused) || other)
    return unknown(`heads of its attention are not known: ${other?.name ?? layer.weights[0]?.name}`);
  const { outputs: hidden, inputs: query } = output;
  const keyValue = key ? key.outputs : ((fused?.outputs ?? 0) - query) / 2;
  const headSize = query / heads;
  const keyValueHeads = keyValue / headSize;
  if (![headSize, keyValueHeads].every((count) => Number.isSafeInteger(count) && count > 0))
    return unknown(`its ${heads} heads do not divide an attention ${query} wide`);
  return { hidden, query, keyValue, heads, keyValueHeads, headSize };
}

/** A matrix by what goes in and what comes out. */
export function orient(
  { shape, role }: Weight,
  config: Config | null,
): { readonly outputs: number; readonly inputs: number } {
  const [first = 0, second = 0] = shape;
  return isInputsFirst(role, config)
    ? { outputs: second, inputs: first }
    : { outputs: first, inputs: second };
}

/** Conv1D, of which the blocks of a GPT-2 are made. */
export function isInputsFirst(role: Weight["role"], config: Config | null): boolean {
  return isConv1D(config) && (role === "attention" || role === "mlp");
}
