import type { RowOptions } from "../../src/reduce/row.ts";
import { type BaseModel, listStoredCopies } from "../../src/reduce/variant.ts";
import { LEVEL_QUANTIZATIONS } from "../../src/quant/levels.ts";
import { examineReal } from "../model/real-models.ts";

/** A model of `fixtures/models`, as the techniques are given it. */
export function originalOf(id: string): BaseModel {
  const { classified, config } = examineReal(id);
  return { id, weights: classified.weights, config, copies: listStoredCopies(classified) };
}

/** The four levels. */
export const LEVELS_REQUEST: RowOptions = { quantizations: LEVEL_QUANTIZATIONS };
