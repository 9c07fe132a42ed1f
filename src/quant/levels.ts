import type { Weight } from "../model/weight.ts";

/** The four levels: plain arithmetic on the weights, whatever a tool would write. */
export const LEVELS = ["fp32", "fp16", "int8", "int4"] as const;

export type Level = (typeof LEVELS)[number];

const SCALE_BYTES = 2;
const INT4_GROUP = 32;

/** The exact bytes of all weights at a level; a RangeError beyond 2^53 − 1. */
export function computeLevelBytes(level: Level, weights: readonly Weight[]): number {
  const bytes = weights.reduce((sum, weight) => sum + computeWeightBytes(level, weight), 0);
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`the ${level} size is not a safe integer`);
  return bytes;
}

/** The bytes of one weight array of which so many values are stored; its scales are those of the whole array. */
export function computeWeightBytes(level: Level, weight: Weight, values = weight.parameters): number {
  if (level === "fp32") return 4 * values;
  const rows = level === "fp16" ? null : countRows(weight);
  if (rows === null) return 2 * values;
  if (level === "int8") return values + SCALE_BYTES * rows;
  const groupsPerRow = Math.ceil(weight.parameters / rows / INT4_GROUP);
  return Math.ceil(values / 2) + SCALE_BYTES * rows * groupsPerRow;
}

/** How many output rows a matrix has, each with scales of its own; null for what stays 16 bits wide. */
function countRows({ name, shape, role, parameters }: Weight): number | null {
  const [first, second] = shape;
  if (first === undefined || second === undefined || parameters === 0) return null;
  if (role !== "experts") return first;
  if (shape.length > 2) return first * second;
  // One bias vector an expert: `mlp.experts.gate_up_proj_bias` of gpt-oss-20b is [32, 5760].
  return name.endsWith("bias") ? null : first;
}
