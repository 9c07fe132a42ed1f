import {
  isRefusal,
  refuse,
  type Change,
  type Reduction,
  type ReductionRequest,
  type Refusal,
  type Technique,
} from "./reduction.ts";
import { countReduced, sizeReduced } from "./sizes.ts";

/** A change, or why there is none, as a row with its parameters and sizes. */
export function describeChange(
  technique: Technique,
  name: string,
  change: Change | Refusal,
  request: ReductionRequest,
): Reduction {
  if (isRefusal(change)) return refuse(technique, name, change.reason);
  const { reduced, shapes = [], ...rest } = change;
  return {
    technique,
    ...rest,
    parameters: countReduced(reduced),
    tensors: null,
    sizes: sizeReduced(reduced, request),
    shapes,
    reason: null,
  };
}
