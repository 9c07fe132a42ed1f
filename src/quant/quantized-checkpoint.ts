import { unknown, type Unknown } from "../contract/unknown.ts";
import type { Role } from "../contract/terms.ts";
import type { Weight } from "../model/weight.ts";
import {
  classifyArchitecture,
  findHead,
  readLinearLayer,
  refuseMostlyWide,
  withoutMtp,
  withSeparateHead,
  type LinearLayer,
} from "./layers.ts";
import {
  predictSafetensors,
  type StoredDtype,
  type StoredTensor,
  type StoredWeight,
} from "./safetensors-file.ts";
import type { LogicalModel, Prediction, SchemeOptions } from "./scheme.ts";

/** One array of a quantized layer: `["qweight", "I32", [512, 4096]]`. */
export type StoredArray = readonly [suffix: string, dtype: StoredDtype, shape: readonly number[]];

/** How one tool turns a checkpoint into a quantized one that transformers can load. */
export interface CheckpointRule {
  /** What the tool calls a quantized layer: `nf4`. */
  readonly type: string;
  /** Return the arrays of one linear layer; null leaves it unquantized. */
  store(layer: LinearLayer): readonly StoredArray[] | null;
  /** Return why the tool cannot quantize this layer; null where it can. */
  refuse?(layer: LinearLayer): string | null;
  /** The dtype of everything unquantized. */
  readonly unquantizedDtype: StoredDtype;
  /** Roles whose linear layers are quantized: those of the transformer blocks, unless the tool goes further. */
  readonly roles?: ReadonlySet<Role>;
  /** True where the tool supports only models that predict the next token. */
  readonly decodersOnly?: boolean;
  readonly errorBand: number;
  readonly assumptions: readonly string[];
}

/** Predict the safetensors files of a quantized checkpoint, headers included. */
export function predictCheckpoint(
  model: LogicalModel,
  rule: CheckpointRule,
  options: SchemeOptions,
): Prediction | Unknown {
  const kind = classifyArchitecture(model);
  if (rule.decodersOnly && kind !== "decoder" && kind !== "multimodal")
    return unknown("the tool quantizes decoder-only language models");

  const stored: StoredWeight[] = [];
  const quantized = new Set<Weight>();
  const loaded = options.mtp ? model.weights : withoutMtp(model.weights);
  const weights = withSeparateHead(loaded, options.separateHead);
  const names = new Set(weights.map(({ name }) => name));
  for (const weight of weights) {
    const layer = readLinearLayer(weight, model.config, rule.roles);
    const refusal = layer && rule.refuse?.(layer);
    if (refusal) return unknown(refusal);
    const packed = layer && rule.store(layer);
    const dtype = rule.unquantizedDtype;
    if (!packed) {
      const { name, shape } = weight;
      stored.push({ weight, type: dtype, arrays: [{ name, dtype, shape }] });
      continue;
    }
    const stem = weight.name.replace(/\.weight$/, "");
    const arrays = packed.map(([suffix, width, shape]): StoredTensor => ({
      name: `${stem}.${suffix}`,
      dtype: width,
      shape,
    }));
    if (options.zeroBiases && !names.has(`${stem}.bias`))
      arrays.push({ name: `${stem}.bias`, dtype, shape: [layer.outputs] });
    stored.push({ weight, type: rule.type, arrays });
    quantized.add(weight);
  }
  if (quantized.size === 0) return unknown("no linear layer of a transformer block was found");
  const refusal = refuseMostlyWide(weights, quantized);
  if (refusal) return refusal;
  return {
    ...predictSafetensors(stored),
    errorBand: rule.errorBand,
    assumptions: [...rule.assumptions, ...(findHead(weights) ? [] : ["the tied output head is stored once"])],
  };
}

/** Return the shape of an array with these rows and columns for each matrix of a layer. */
export function shapeOfMatrices({ matrices }: LinearLayer, rows: number, columns: number): readonly number[] {
  return matrices === 1 ? [rows, columns] : [matrices, rows, columns];
}

/** Return the shape of an array with a row for each output; a started column counts as a whole one. */
export function rowsOf(layer: LinearLayer, columns: number): readonly number[] {
  return shapeOfMatrices(layer, layer.outputs, Math.ceil(columns));
}
