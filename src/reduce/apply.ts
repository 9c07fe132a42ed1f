import { type Unknown, isUnknown } from "../contract/unknown.ts";
import { formatCount } from "./counts.ts";
import {
  type ResultRow,
  type RowOptions,
  buildRow,
  buildUnknownRow,
  countParameters,
  refuseQuantization,
} from "./row.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";
import type { Quantization } from "../quant/quantization.ts";
import { distill } from "./distillation.ts";
import { addAdapter } from "./lora.ts";
import { prune } from "./pruning.ts";
import { formatStep, type Step } from "./steps.ts";
import { share } from "./sharing.ts";

/**
 * What is left after every step, each on what the one before left; a row a step. The first that the model does not allow
 * is a row with its reason, and the last.
 */
export function applySteps(base: BaseModel, steps: readonly Step[], options: RowOptions): ResultRow[] {
  const rows: ResultRow[] = [];
  let variant = startVariant(base);
  let quantizations = options.quantizations;
  for (const step of steps) {
    const change = applyStep(variant, step);
    if (step.technique === "quantization") quantizations = [step.quantization];
    const name = formatStep(step);
    const row = requireKnownSize(step, buildRow(step.technique, name, change, { ...options, quantizations }));
    const arithmetic = row.name === name ? row.arithmetic : `${row.name}: ${row.arithmetic}`;
    rows.push({ ...row, name, arithmetic });
    if (isUnknown(change) || row.reason !== null) return rows;
    variant = change.variant;
  }
  return rows;
}

/** A recipe that names a quantization asks for its size: where that is not known, the step is refused. */
function requireKnownSize({ technique }: Step, row: ResultRow): ResultRow {
  const reason = technique === "quantization" ? row.sizes[0]?.reason : null;
  return reason ? buildUnknownRow(technique, row.name, reason) : row;
}

function applyStep(variant: Variant, step: Step): Transform | Unknown {
  switch (step.technique) {
    case "pruning":
      return prune(variant, step.pruning);
    case "distillation":
      return distill(variant, step.student);
    case "sharing":
      return share(variant, step.sharing);
    case "lora":
      return addAdapter(variant, step.lora);
    case "quantization":
      return quantize(variant, step.quantization);
  }
}

/** Says how what is left is stored; nothing is taken out. */
function quantize(variant: Variant, quantization: Quantization): Transform | Unknown {
  const refusal = refuseQuantization(variant, quantization);
  if (refusal) return refusal;
  const { name } = quantization;
  return {
    name: `quant:${name}`,
    inputs: { quantization: name },
    variant,
    arithmetic: `${formatCount(countParameters(variant))} parameters at ${name}`,
    caveat: "Fewer bits cost accuracy, on top of what was taken before.",
  };
}
