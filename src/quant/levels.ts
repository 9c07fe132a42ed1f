/** The four levels: plain arithmetic on the weights, independent of any tool. */
import type { Weight } from "../model/weight.ts";
import { bindScheme, type Quantization } from "./quantization.ts";
import { sumArrays, type Ecosystem, type Prediction } from "./scheme.ts";

export const LEVELS = ["fp32", "fp16", "int8", "int4"] as const;

export type Level = (typeof LEVELS)[number];

export const LEVEL = {
  name: "level",
  isSelfContained: false,
  schemes: LEVELS.map((level) => ({
    name: level,
    predict: ({ weights }) => computeLevel(level, weights),
  })),
} as const satisfies Ecosystem;

/** The quantizations shown by default. */
export const LEVEL_QUANTIZATIONS: readonly Quantization[] = LEVEL.schemes.map((scheme) =>
  bindScheme(LEVEL, scheme, {}),
);

/** Return the level that a quantization is; null for the scheme of a tool. */
export function findLevel(name: string): Level | null {
  return LEVELS.find((level) => level === name) ?? null;
}

const SCALE_BYTES = 2;
const INT4_GROUP = 32;

function computeLevel(level: Level, weights: readonly Weight[]): Prediction {
  const arrays = weights.map((weight) => computeWeightBytes(level, weight));
  return { ...sumArrays(arrays), errorBand: null, assumptions: [] };
}

/** Compute the bytes of one weight array of which `values` are stored; its scales are those of the whole array. */
export function computeWeightBytes(level: Level, weight: Weight, values = weight.parameters): number {
  if (level === "fp32") return 4 * values;
  const rows = level === "fp16" ? null : countRows(weight);
  if (rows === null) return 2 * values;
  if (level === "int8") return values + SCALE_BYTES * rows;
  const groupsPerRow = Math.ceil(weight.parameters / rows / INT4_GROUP);
  return Math.ceil(values / 2) + SCALE_BYTES * rows * groupsPerRow;
}

/** Count the output rows of a matrix, each with its own scales; null for weights that stay 16 bits wide. */
function countRows({ name, shape, role, parameters }: Weight): number | null {
  const [first, second] = shape;
  if (first === undefined || second === undefined || parameters === 0) return null;
  if (role !== "experts") return first;
  if (shape.length > 2) return first * second;
  // One bias vector per expert: `mlp.experts.gate_up_proj_bias` of gpt-oss-20b is [32, 5760].
  return name.endsWith("bias") ? null : first;
}
