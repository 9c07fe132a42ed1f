import type { Role } from "../contract/terms.ts";

/** One logical weight of a model: unpacked, and counted once however often it is stored. */
export interface Weight {
  /** The name of the unpacked weight: `….q_proj.weight`, also where the file has `….q_proj.qweight`. */
  readonly name: string;
  /** Logical dimensions, as the model computes with them. */
  readonly shape: readonly number[];
  /** How it is stored: `BF16`, or `I32` where eight 4-bit weights share a word. */
  readonly dtype: string;
  readonly role: Role;
  /** The product of the shape. */
  readonly parameters: number;
}

/** The first number in a name is that of the layer; later ones are of experts, or of T5's sublayers. */
export const LAYER_PATTERN = /^(?<prefix>.+?)\.(?<index>\d{1,5})\./;
