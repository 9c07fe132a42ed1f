import type { Examination } from "./examine.ts";
import type { MemorySubject } from "./fit/memory-plan.ts";
import type { Quantization } from "./quant/quantization.ts";
import { SELF_CONTAINED } from "./quant/runtimes.ts";
import type { ModelReport, Size } from "./report/schema.ts";

/** What has to be known of an examined model to plan its memory and its download. */
export function describeMemorySubject(
  { reference, repository, evidence, anatomy, counts: { total } }: Examination,
  quantizations: readonly Quantization[],
  sizes: readonly Size[],
  companions: ModelReport["companions"],
): MemorySubject {
  const largest = anatomy?.weights.reduce((most, { parameters }) => Math.max(most, parameters), 0);
  return {
    reference: reference.text,
    id: repository.id,
    config: evidence.config,
    reason: evidence.adapter ? "it is an adapter, and its base model comes on top" : null,
    stored: sizes.map(({ quantization, bytes }, index) => {
      const beside = countCompanions(quantizations[index] ?? null, companions);
      return { quantization, bytes, fetchBytes: bytes === null || beside === null ? null : bytes + beside };
    }),
    largestShare: largest !== undefined && total ? largest / total : null,
  };
}

/** Bytes that are fetched beside the weights; a level is fetched as transformers would. */
export function countCompanions(
  quantization: Quantization | null,
  companions: ModelReport["companions"],
): number | null {
  if (!companions) return null;
  if (quantization?.scheme && SELF_CONTAINED.has(quantization.scheme.family)) return 0;
  return companions.tokenizer.bytes + companions.config.bytes;
}
