import type { Quantization } from "../quant/quantization.ts";
import { computeSize } from "../quant/sizes.ts";
import { computeAdapterBytes } from "./adapter-file.ts";
import type { Reduced, ReducedSize, ReductionRequest, Refusal } from "./reduction.ts";
import { sumParameters } from "./reduction.ts";
import { computeSparseBytes, countSparse } from "./sparsity.ts";

/** Parameters to download: those left of the model, and the adapter's. */
export function countReduced({ weights, config, sparsity, adapter }: Reduced): number {
  const left = sparsity ? countSparse(weights, config, sparsity) : sumParameters(weights);
  return left + (adapter?.parameters ?? 0);
}

/** What is left to download, in each of the quantizations. */
export function sizeReduced(
  reduced: Reduced,
  { quantizations, scheme }: ReductionRequest,
): readonly ReducedSize[] {
  return quantizations.map((quantization) => {
    const size = sizeWeights(reduced, quantization, scheme);
    if (!reduced.adapter || size.bytes === null) return size;
    const bytes =
      size.bytes + computeAdapterBytes(reduced.adapter, quantization.level === "fp32" ? "F32" : "F16");
    return { ...size, bytes };
  });
}

function sizeWeights(
  reduced: Reduced,
  quantization: Quantization,
  scheme: ReductionRequest["scheme"],
): ReducedSize {
  const { weights, config, sparsity } = reduced;
  const { name, level } = quantization;
  const refusal = refuseQuantization(reduced, quantization);
  if (refusal) return unknownSize(name, refusal.reason);
  if (sparsity && level !== null) {
    try {
      const bytes = computeSparseBytes(level, weights, config, sparsity);
      return { quantization: name, bytes, basis: "computed", errorBand: null, reason: null };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return unknownSize(name, "it is too large to be counted exactly");
    }
  }
  const parameters = sumParameters(weights);
  const subject = { weights, config };
  const { bytes, basis, errorBand, reason } = computeSize(
    quantization,
    subject,
    parameters,
    () => null,
    scheme,
  );
  return { quantization: name, bytes, basis, errorBand, reason };
}

/** Why what is left cannot be stored so; null where it can. The levels are arithmetic and store anything. */
export function refuseQuantization(
  { sparsity, sharesLayers }: Reduced,
  { scheme }: Quantization,
): Refusal | null {
  if (!scheme) return null;
  const isSparse = sparsity && !(sparsity.pattern === "unstructured" && sparsity.storage === "dense");
  if (isSparse) return { reason: `${scheme.family} files have no place for sparse weights` };
  if (sharesLayers) return { reason: `the tools of ${scheme.family} write every layer` };
  return null;
}

export function unknownSize(quantization: string, reason: string): ReducedSize {
  return { quantization, bytes: null, basis: null, errorBand: null, reason };
}
