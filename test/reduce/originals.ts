import type { Original } from "../../src/reduce/reduction.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import type { ReductionRequest } from "../../src/reduce/reduction.ts";
import { listTiedCopies } from "../../src/reduce/stored-copies.ts";
import { examineReal } from "../model/real-models.ts";

/** A model of `fixtures/models`, as the techniques are given it. */
export function originalOf(id: string): Original {
  const { classified, config } = examineReal(id);
  return { id, weights: classified.weights, config, copies: listTiedCopies(classified) };
}

/** The four levels. */
export const LEVELS_REQUEST: ReductionRequest = { quantizations: LEVEL_QUANTIZATIONS };
