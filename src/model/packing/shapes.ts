/** What the shapes of packed arrays and of their neighbors say together. */

import { countElements, type Tensor } from "../../format/tensor.ts";
import { isObject } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import type { PackingHints } from "./hints.ts";

/** A matrix, or a stack of matrices of one shape (fused experts). */
export interface Matrices {
  readonly stack: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

/** The widths of the integers that hold packed weights, by dtype. */
export const WORD_BITS: ReadonlyMap<string, number> = new Map([
  ["U8", 8],
  ["I8", 8],
  ["U16", 16],
  ["I16", 16],
  ["U32", 32],
  ["I32", 32],
  ["U64", 64],
  ["I64", 64],
]);

/** A tensor of two or more dimensions, none of them zero. */
export function readMatrices(tensor: Tensor | undefined): Matrices | null {
  if (tensor === undefined || tensor.shape.some((dimension) => dimension < 1)) return null;
  const columns = tensor.shape.at(-1);
  const rows = tensor.shape.at(-2);
  return rows === undefined || columns === undefined
    ? null
    : { stack: tensor.shape.slice(0, -2), rows, columns };
}

/** A tensor of exactly two dimensions, neither of them zero. */
export function readMatrix(tensor: Tensor | undefined): Matrices | null {
  return tensor?.shape.length === 2 ? readMatrices(tensor) : null;
}

/** The length of a vector, however many dimensions of one it is written with; null when it is no vector. */
export function readLength(tensor: Tensor | undefined): number | null {
  if (tensor === undefined) return null;
  return tensor.shape.filter((dimension) => dimension !== 1).length > 1 ? null : countElements(tensor.shape);
}

export function isSameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((dimension, index) => dimension === right[index]);
}

/** Whether `groups` scales may cover a row of `length` weights. */
export function fitsGroups(length: number, groups: number, { groupSizes }: PackingHints): boolean {
  if (groups === 1) return true;
  if (groupSizes.size === 0) return length % groups === 0;
  return [...groupSizes].some((size) => Math.ceil(length / size) === groups);
}

/** The only candidate, or the only one that the config knows as a dimension; null where both fail to decide. */
export function chooseLength(candidates: readonly number[], { dimensions }: PackingHints): number | null {
  const distinct = [...new Set(candidates)];
  const known = distinct.filter((length) => dimensions.has(length));
  const [length, ...others] = known.length > 0 ? known : distinct;
  return length === undefined || others.length > 0 ? null : length;
}

/** Projections back to the hidden width: Llama, GPT-2, GPT-NeoX, OPT, Mixtral. */
const BACK_TO_HIDDEN = /(?:^|\.)(?:o_proj|out_proj|down_proj|c_proj|fc2|w2|wo|dense|dense_4h_to_h)$/;

/**
 * The shape of a linear layer of which only the number of weights is stored. One side of it is the hidden width; which
 * side, its name tells. Where the config does not help, one long row: the count is exact all the same.
 */
export function inferLinearShape(
  moduleName: string,
  elements: number,
  { config }: PackingHints,
): readonly number[] {
  const visionConfig = config?.root["vision_config"];
  const part = isObject(visionConfig) && /vision|visual/.test(moduleName) ? visionConfig : config?.text;
  const hidden = part === undefined ? null : readDimension(part, "hiddenSize");
  if (hidden === null || elements % hidden !== 0) return [1, elements];
  const other = elements / hidden;
  return BACK_TO_HIDDEN.test(moduleName) ? [hidden, other] : [other, hidden];
}
