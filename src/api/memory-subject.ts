import type { Examination } from "./load.ts";
import type { MemorySubject } from "../memory/memory-plan.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { Size } from "../quant/sizes.ts";
import type { ModelReport } from "../contract/report.ts";

/** What has to be known of an examined model to plan its memory and its download. */
export function describeMemorySubject(
  { reference, repository, evidence, notes }: Examination,
  sized: readonly { readonly quantization: Quantization; readonly size: Size }[],
  companions: ModelReport["companions"],
): MemorySubject {
  return {
    reference: reference.text,
    id: repository.id,
    config: evidence.config,
    reason: findObstacle(evidence, notes),
    stored: sized.map(({ quantization, size }) => {
      const { bytes } = size;
      const beside = countCompanions(quantization, companions);
      return {
        quantization: size.quantization,
        bytes,
        fetchBytes: bytes === null || beside === null ? null : bytes + beside,
        largestBytes: size.largestArrayBytes,
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
  if (quantization.ecosystem.isSelfContained) return 0;
  return companions.tokenizer.bytes + companions.config.bytes;
}
