/** Counts and how they are written. */
import { listNames } from "../contract/list-names.ts";

export function sumParameters(weights: readonly { readonly parameters: number }[]): number {
  return weights.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** Return the product of a shape, in elements. */
export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** @example formatCount(2506172416) //=> "2,506,172,416" */
export function formatCount(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** @example joinCounts([24, 12]) //=> "24 + 12" */
export function joinCounts(counts: readonly number[], separator = " + "): string {
  return listNames(counts.map(String), 4, separator);
}
