import type { Quantization } from "../quant/quantization.ts";
import { distill } from "./distillation.ts";
import { addAdapter } from "./lora.ts";
import { prune } from "./pruning.ts";
import { formatStep, type Step } from "./recipe.ts";
import {
  groupDigits,
  isRefusal,
  refuse,
  startReducing,
  type Change,
  type Original,
  type Reduced,
  type Reduction,
  type ReductionRequest,
  type Refusal,
} from "./reduction.ts";
import { share } from "./sharing.ts";
import { countReduced, describeChange, refuseQuantization } from "./sizes.ts";

/**
 * What is left after every step, each on what the one before left; a row a step. The first that the model does not allow
 * is a row with its reason, and the last.
 */
export function applyRecipe(
  original: Original,
  steps: readonly Step[],
  request: ReductionRequest,
): Reduction[] {
  const rows: Reduction[] = [];
  let reduced = startReducing(original);
  let quantizations = request.quantizations;
  for (const step of steps) {
    const change = applyStep(reduced, step);
    if (step.technique === "quantization") quantizations = [step.quantization];
    const name = formatStep(step);
    const row = refuseUnknown(
      step,
      describeChange(step.technique, name, change, { ...request, quantizations }),
    );
    const arithmetic = row.name === name ? row.arithmetic : `${row.name}: ${row.arithmetic}`;
    rows.push({ ...row, name, arithmetic });
    if (isRefusal(change) || row.reason !== null) return rows;
    reduced = change.reduced;
  }
  return rows;
}

/** A recipe that names a quantization asks for its size: where that is not known, the step is refused. */
function refuseUnknown({ technique }: Step, row: Reduction): Reduction {
  const reason = technique === "quantization" ? row.sizes[0]?.reason : null;
  return reason ? refuse(technique, row.name, reason) : row;
}

/** Why nothing but its own bytes can be told of an adapter. */
export const ADAPTER: Refusal = {
  reason: "it is an adapter: what could be reduced is the model it belongs on",
};

function applyStep(reduced: Reduced, step: Step): Change | Refusal {
  switch (step.technique) {
    case "pruning":
      return prune(reduced, step.pruning);
    case "distillation":
      return distill(reduced, step.student);
    case "sharing":
      return share(reduced, step.sharing);
    case "lora":
      return addAdapter(reduced, step.lora);
    case "quantization":
      return quantize(reduced, step.quantization);
  }
}

/** Says how what is left is stored; nothing is taken out. */
function quantize(reduced: Reduced, quantization: Quantization): Change | Refusal {
  const refusal = refuseQuantization(reduced, quantization);
  if (refusal) return refusal;
  const { name } = quantization;
  return {
    name: `quant:${name}`,
    inputs: { quantization: name },
    reduced,
    arithmetic: `${groupDigits(countReduced(reduced))} parameters at ${name}`,
    caveat: "Fewer bits cost accuracy, on top of what was taken before.",
  };
}
