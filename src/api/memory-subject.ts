import type { Examination } from "./load.ts";
import type { MemorySubject } from "../memory/memory-plan.ts";
import { computeLargestBytes } from "../quant/largest-array.ts";
import type { Quantization } from "../quant/quantization.ts";
import { SELF_CONTAINED } from "../quant/runtimes.ts";
import type { SchemeOptions, Subject } from "../quant/scheme.ts";
import type { ModelReport, Size } from "../contract/report.ts";

/** What has to be known of an examined model to plan its memory and its download. */
export function describeMemorySubject(
  { reference, repository, evidence, notes }: Examination,
  weights: Subject | null,
  quantizations: readonly Quantization[],
  options: SchemeOptions,
  sizes: readonly Size[],
  companions: ModelReport["companions"],
): MemorySubject {
  return {
    reference: reference.text,
    id: repository.id,
    config: evidence.config,
    reason: findObstacle(evidence, notes),
    stored: quantizations.flatMap((quantization, index) => {
      const size = sizes[index];
      if (!size) return [];
      const { bytes } = size;
      const beside = countCompanions(quantization, companions);
      return {
        quantization: size.quantization,
        bytes,
        fetchBytes: bytes === null || beside === null ? null : bytes + beside,
        largestBytes: computeLargestBytes(quantization, weights, size, options),
      };
    }),
  };
}

function findObstacle({ adapter }: Examination["evidence"], notes: Examination["notes"]): string | null {
  if (adapter) return "it is an adapter, and its base model comes on top";
  return notes.some(({ code }) => code === "CONFIG_MALFORMED") ? "config.json cannot be read as JSON" : null;
}

/** Bytes that are fetched beside the weights; a level is fetched as transformers would. */
export function countCompanions(
  quantization: Quantization,
  companions: ModelReport["companions"],
): number | null {
  if (!companions) return null;
  if (quantization.scheme && SELF_CONTAINED.has(quantization.scheme.family)) return 0;
  return companions.tokenizer.bytes + companions.config.bytes;
}
