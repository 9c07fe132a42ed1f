/** Our counts of the recorded models, each counted once: together they take seconds. */
import { judgeConservation } from "../../src/model/conservation.ts";
import { countParameters } from "../../src/model/parameters.ts";
import { readRealModels, visitMoreModels, type RealModel } from "../hub/real-models.ts";
import { examine } from "../model/real-models.ts";

export interface RealCount {
  readonly id: string;
  /** What is wrong with our count; null where it is right to the unit. */
  readonly fault: string | null;
  readonly active: number | null;
  readonly activeNonEmbedding: number | null;
}

export function countModel(model: RealModel): RealCount {
  const { id, parameters, storedElements } = model;
  const { config, classified } = examine(model);
  const { total, stored, active, activeNonEmbedding } = countParameters(classified, config);
  const doubt = judgeConservation(classified, null);
  const isRight = total === parameters && stored === storedElements && doubt === null;
  const fault = isRight ? null : `${id}: ${total} instead of ${parameters}, ${doubt ?? "no doubt"}`;
  return { id, fault, active, activeNonEmbedding };
}

let counts: { readonly wellKnown: readonly RealCount[]; readonly more: readonly RealCount[] } | undefined;

/** The well-known models, and those with prediction layers, saved again, and the classes of transformers. */
export function countRealModels() {
  if (counts) return counts;
  const more: RealCount[] = [];
  visitMoreModels((model) => more.push(countModel(model)));
  counts = { wellKnown: readRealModels().map(countModel), more };
  return counts;
}
