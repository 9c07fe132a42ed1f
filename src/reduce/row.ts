/** One way to reduce the model, as a row of the report with its sizes. */
import type { ReductionRow } from "../contract/types.ts";
import { isUnknown, unknown, type Unknown } from "../contract/unknown.ts";
import { findLevel } from "../quant/levels.ts";
import type { Quantization } from "../quant/quantization.ts";
import { computeSize } from "../quant/sizes.ts";
import { computeAdapterBytes, type AdapterFile } from "./adapter-file.ts";
import { sumParameters } from "./counts.ts";
import { computeSparseBytes, countSparse } from "./sparsity.ts";
import type { Transform, Variant } from "./variant.ts";

/** Bytes of one row in one quantization. */
export type RowSize = Omit<ReductionRow["sizes"][number], "shareOfModel">;

/** A row of the report, before its sizes are compared with the model's. */
export interface ResultRow extends Omit<ReductionRow, "sizes"> {
  readonly sizes: readonly RowSize[];
}

export interface RowOptions {
  /** The sizes of every row. */
  readonly quantizations: readonly Quantization[];
  /** Throws when the time is up. */
  readonly checkTime: () => void;
}

/** Build a row. A figure that is left out is null, a list is empty. */
export function buildRow(row: Pick<ResultRow, "technique" | "name"> & Partial<ResultRow>): ResultRow {
  return {
    inputs: {},
    parameters: null,
    tensors: null,
    sizes: [],
    shapes: [],
    arithmetic: null,
    caveat: null,
    reason: null,
    ...row,
  };
}

/** Build the row of a transform, or of the reason why there is none. */
export function buildTransformRow(
  { technique, name }: Pick<ResultRow, "technique" | "name">,
  change: Transform | Unknown,
  { quantizations, checkTime }: RowOptions,
): ResultRow {
  checkTime();
  if (isUnknown(change)) return buildRow({ technique, name, reason: change.reason });
  const { variant, ...rest } = change;
  const parameters = countParameters(variant);
  if (!Number.isSafeInteger(parameters)) return buildRow({ technique, name, reason: TOO_LARGE });
  const shown = variant.quantization ? [variant.quantization] : quantizations;
  const sizes = shown.map((quantization) => {
    checkTime();
    return sizeVariant(variant, quantization);
  });
  return buildRow({ technique, ...rest, parameters, sizes });
}

/** Parameters to download: those left of the model, and the adapter's. */
export function countParameters({ sparsity, adapter, ...model }: Variant): number {
  const left = sparsity ? countSparse(model, sparsity) : sumParameters(model.weights);
  return left + (adapter?.parameters ?? 0);
}

/** Return the remaining download in a quantization. */
export function sizeVariant(variant: Variant, quantization: Quantization): RowSize {
  const size = sizeWeights(variant, quantization);
  return variant.adapter ? addSizes(size, sizeAdapter(variant.adapter, quantization), 1) : size;
}

/**
 * Return the size of an adapter for a model in a quantization: with a quantized one it stays at 16 bits (QLoRA, arXiv:2305.14314),
 * and in safetensors.
 */
export function sizeAdapter(adapter: AdapterFile, { name }: Quantization): RowSize {
  return compute(name, () => computeAdapterBytes(adapter, name === "fp32" ? "F32" : "F16"));
}

/** Return size + count × other; unknown where one of them is, or where the sum is no longer exact. */
export function addSizes(size: RowSize, other: RowSize, count: number): RowSize {
  if (size.bytes === null) return size;
  if (other.bytes === null) return other;
  const bytes = size.bytes + count * other.bytes;
  return Number.isSafeInteger(bytes) ? { ...size, bytes } : unknownSize(size.quantization, TOO_LARGE);
}

const TOO_LARGE = "it is too large to be counted exactly";

function compute(quantization: string, computeBytes: () => number): RowSize {
  try {
    return { quantization, bytes: computeBytes(), basis: "computed", errorBand: null, reason: null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unknownSize(quantization, TOO_LARGE);
  }
}

function sizeWeights(variant: Variant, quantization: Quantization): RowSize {
  const { weights, sparsity } = variant;
  const { name } = quantization;
  const level = findLevel(name);
  const refusal = refuseQuantization(variant, quantization);
  if (refusal) return unknownSize(name, refusal.reason);
  if (sparsity && level !== null) return compute(name, () => computeSparseBytes(level, variant, sparsity));
  const context = { parameters: sumParameters(weights), publishedBytes: null };
  const { bytes, basis, errorBand, reason } = computeSize(quantization, variant, context);
  return { quantization: name, bytes, basis, errorBand, reason };
}

/** Why what is left cannot be stored so; null where it can. The levels are arithmetic and store anything. */
export function refuseQuantization(
  { sparsity, sharesLayers }: Variant,
  { ecosystem }: Quantization,
): Unknown | null {
  if (ecosystem.name === "level") return null;
  const isSparse = sparsity && !(sparsity.pattern === "unstructured" && sparsity.storage === "dense");
  // CompressedTensorsW4A16Sparse24 of vLLM stores 2:4 in 4 bits.
  if (isSparse && ecosystem.name === "ct")
    return unknown("the sparse layouts of compressed-tensors are not computed here");
  if (isSparse) return unknown(`${ecosystem.name} files cannot hold sparse weights`);
  if (sharesLayers) return unknown(`the tools of ${ecosystem.name} write every layer`);
  return null;
}

function unknownSize(quantization: string, reason: string): RowSize {
  return { quantization, bytes: null, basis: null, errorBand: null, reason };
}
