import type { Original } from "../../src/reduce/reduction.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import type { ReductionRequest } from "../../src/reduce/reduction.ts";
import { listTiedCopies } from "../../src/reduce/stored-copies.ts";
import { examineReal } from "../model/real-anatomy.ts";

/** A model of `fixtures/models`, as the techniques are given it. */
export function originalOf(id: string): Original {
  const { anatomy, config } = examineReal(id);
  return { id, weights: anatomy.weights, config, copies: listTiedCopies(anatomy) };
}

/** The four levels. */
export const LEVELS_REQUEST: ReductionRequest = { quantizations: LEVEL_QUANTIZATIONS };
