import {
  isRefusal,
  refuse,
  type Change,
  type Reduction,
  type ReductionRequest,
  type Refusal,
  type Technique,
} from "./reduction.ts";
import { countReduced, sizeReduced, TOO_LARGE } from "./sizes.ts";

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
