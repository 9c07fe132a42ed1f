import type { Quantization } from "../quant/quantization.ts";
import type { Technique } from "../contract/terms.ts";
import { findLevel } from "../quant/levels.ts";
import { computeSize } from "../quant/sizes.ts";
import { computeAdapterBytes, type AdapterFile } from "./adapter-file.ts";
import { isRefusal, refuse, sumParameters } from "./reduction.ts";
import type { Change, Reduced, ReducedSize, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { computeSparseBytes, countSparse } from "./sparsity.ts";

/** A change, or why there is none, as a row with its parameters and sizes. */
export function describeChange(
  technique: Technique,
  name: string,
  change: Change | Refusal,
  request: ReductionRequest,
): Reduction {
  if (isRefusal(change)) return refuse(technique, name, change.reason);
  const { reduced, shapes = [], ...rest } = change;
  const parameters = countReduced(reduced);
  if (!Number.isSafeInteger(parameters)) return refuse(technique, name, TOO_LARGE);
  return {
    technique,
    ...rest,
    parameters,
    tensors: null,
    sizes: sizeReduced(reduced, request),
    shapes,
    reason: null,
  };
}

/** Parameters to download: those left of the model, and the adapter's. */
export function countReduced({ weights, config, sparsity, adapter }: Reduced): number {
  const left = sparsity ? countSparse(weights, config, sparsity) : sumParameters(weights);
  return left + (adapter?.parameters ?? 0);
}

/** What is left to download, in each of the quantizations. */
export function sizeReduced(
  reduced: Reduced,
  { quantizations }: Pick<ReductionRequest, "quantizations">,
): readonly ReducedSize[] {
  const { adapter } = reduced;
  return quantizations.map((quantization) => {
    const size = sizeWeights(reduced, quantization);
    return adapter ? addSizes(size, sizeAdapter(adapter, quantization), 1) : size;
  });
}

/**
 * An adapter beside a model in some quantization: with a quantized one it stays at 16 bits (QLoRA, arXiv:2305.14314),
 * and in safetensors.
 */
export function sizeAdapter(adapter: AdapterFile, { name }: Quantization): ReducedSize {
  return compute(name, () => computeAdapterBytes(adapter, name === "fp32" ? "F32" : "F16"));
}

/** A size and so many others; unknown where one of them is, or where the sum is no longer exact. */
export function addSizes(size: ReducedSize, other: ReducedSize, count: number): ReducedSize {
  if (size.bytes === null) return size;
  if (other.bytes === null) return other;
  const bytes = size.bytes + count * other.bytes;
  return Number.isSafeInteger(bytes) ? { ...size, bytes } : unknownSize(size.quantization, TOO_LARGE);
}

export const TOO_LARGE = "it is too large to be counted exactly";

function compute(quantization: string, computeBytes: () => number): ReducedSize {
  try {
    return { quantization, bytes: computeBytes(), basis: "computed", errorBand: null, reason: null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return unknownSize(quantization, TOO_LARGE);
  }
}

function sizeWeights(reduced: Reduced, quantization: Quantization): ReducedSize {
  const { weights, config, sparsity } = reduced;
  const { name } = quantization;
  const level = findLevel(name);
  const refusal = refuseQuantization(reduced, quantization);
  if (refusal) return unknownSize(name, refusal.reason);
  if (sparsity && level !== null)
    return compute(name, () => computeSparseBytes(level, weights, config, sparsity));
  const parameters = sumParameters(weights);
  const size = computeSize(quantization, { weights, config }, { parameters, publishedBytes: null });
  const { bytes, basis, errorBand, reason } = size;
  return { quantization: name, bytes, basis, errorBand, reason };
}

/** Why what is left cannot be stored so; null where it can. The levels are arithmetic and store anything. */
export function refuseQuantization(
  { sparsity, sharesLayers }: Reduced,
  { ecosystem }: Quantization,
): Refusal | null {
  if (ecosystem.name === "level") return null;
  const isSparse = sparsity && !(sparsity.pattern === "unstructured" && sparsity.storage === "dense");
  // CompressedTensorsW4A16Sparse24 of vLLM stores 2:4 in 4 bits.
  if (isSparse && ecosystem.name === "ct")
    return { reason: "the sparse layouts of compressed-tensors are not computed here" };
  if (isSparse) return { reason: `${ecosystem.name} files have no place for sparse weights` };
  if (sharesLayers) return { reason: `the tools of ${ecosystem.name} write every layer` };
  return null;
}

function unknownSize(quantization: string, reason: string): ReducedSize {
  return { quantization, bytes: null, basis: null, errorBand: null, reason };
}
