/** Read the shapes of packed arrays and of the arrays that help to unpack them. */

import { countElements, type Tensor } from "../../format/tensor.ts";
import { isObject } from "../../format/config.ts";
import { readDimension } from "../../format/dimensions.ts";
import type { PackingHints } from "./hints.ts";

/** A matrix, or a stack of matrices of one shape (fused experts). */
export interface Matrices {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

/** Bits of the integers that hold packed weights, by dtype. */
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

/** Read a tensor of two or more dimensions, none of them zero. */
export function readMatrices(tensor: Tensor | undefined): Matrices | null {
  if (tensor === undefined || tensor.shape.some((dimension) => dimension < 1)) return null;
  const columns = tensor.shape.at(-1);
  const rows = tensor.shape.at(-2);
  return rows === undefined || columns === undefined
    ? null
    : { batch: tensor.shape.slice(0, -2), rows, columns };
}

/** Read a tensor of exactly two dimensions, neither of them zero. */
export function readMatrix(tensor: Tensor | undefined): Matrices | null {
  return tensor?.shape.length === 2 ? readMatrices(tensor) : null;
}

/** Return the length of a vector, ignoring dimensions of one; null for other tensors. */
export function readLength(tensor: Tensor | undefined): number | null {
  if (tensor === undefined) return null;
  return tensor.shape.filter((dimension) => dimension !== 1).length > 1 ? null : countElements(tensor.shape);
}

export function isSameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((dimension, index) => dimension === right[index]);
}

/** True where `groups` scales may cover a row of `length` weights. */
export function fitsGroups(length: number, groups: number, { groupSizes }: PackingHints): boolean {
  if (groups === 1) return true;
  if (groupSizes.size === 0) return length % groups === 0;
  return [...groupSizes].some((size) => Math.ceil(length / size) === groups);
}

/** Return the only candidate, or the only one that is a dimension of the config; null where neither decides. */
export function chooseLength(candidates: readonly number[], { dimensions }: PackingHints): number | null {
  const distinct = [...new Set(candidates)];
  const known = distinct.filter((length) => dimensions.has(length));
  const [length, ...others] = known.length > 0 ? known : distinct;
  return length === undefined || others.length > 0 ? null : length;
}

/** Projections back to the hidden width: Llama, GPT-2, GPT-NeoX, OPT, Mixtral. */
const BACK_TO_HIDDEN = /(?:^|\.)(?:o_proj|out_proj|down_proj|c_proj|fc2|w2|wo|dense|dense_4h_to_h)$/;

/**
 * Infer the shape of a linear layer of which only the number of weights is stored. One side is the hidden width; the
 * name decides which. Return one long row where the config does not help: its count is still exact.
 */
export function inferLinearShape(
  moduleName: string,
  elements: number,
  { config }: PackingHints,
): readonly number[] {
  const visionConfig = config?.root["vision_config"];
  const section = isObject(visionConfig) && /vision|visual/.test(moduleName) ? visionConfig : config?.text;
  const hidden = section === undefined ? null : readDimension(section, "hiddenSize");
  if (hidden === null || elements % hidden !== 0) return [1, elements];
  const other = elements / hidden;
  return BACK_TO_HIDDEN.test(moduleName) ? [hidden, other] : [other, hidden];
}
