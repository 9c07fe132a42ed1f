import { type Unknown, unknown } from "../contract/unknown.ts";
import type { Weight } from "../model/weight.ts";
import { readLinearLayer, type LinearLayer } from "../quant/layers.ts";
import { computeWeightBytes, type Level } from "../quant/levels.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import { sumParameters } from "./counts.ts";

/** How the values that are left can be stored. */
export const SPARSE_STORAGES = ["bitmask", "csr", "dense"] as const;
export type SparseStorage = (typeof SPARSE_STORAGES)[number];

export type Sparsity =
  | { readonly pattern: "unstructured"; readonly percent: number; readonly storage: SparseStorage }
  | { readonly pattern: "2:4" };

/** An index or a pointer of CSR in scipy and in Intel MKL; torch takes twice as many by default. */
const CSR_INDEX_BYTES = 4;
/** vllm-project/compressed-tensors, sparse_bitmask.py: `row_offsets` and `shape` are int64. */
const BITMASK_OFFSET_BYTES = 8;
const SHAPE_BYTES = 2 * 8;

/** Count the values that remain: torch.nn.utils.prune rounds the number it removes, array by array. */
function countRemaining({ parameters }: Pick<Weight, "parameters">, sparsity: Sparsity): number {
  if (sparsity.pattern === "2:4") return parameters / 2;
  const { percent } = sparsity;
  // by hundreds, so that no product leaves the safe integers
  const taken = Math.floor(parameters / 100) * percent + Math.round(((parameters % 100) * percent) / 100);
  return parameters - taken;
}

/**
 * What pruning thins out: the linear layers of the transformer blocks, as SparseGPT and Wanda prune them. Embeddings,
 * output head, norms and routers stay whole.
 */
export interface Prunable {
  /** Weights that may be zero, and how many of them are not. */
  readonly positions: number;
  readonly values: number;
  /** A bit a place, each row on whole bytes. */
  readonly maskBytes: number;
  readonly rows: number;
  readonly matrices: number;
}

export function countPrunable({ weights, config }: LogicalModel, sparsity: Sparsity): Prunable {
  const sum = { positions: 0, values: 0, maskBytes: 0, rows: 0, matrices: 0 };
  for (const weight of weights) {
    const layer = readLinearLayer(weight, config);
    if (!layer) continue;
    sum.positions += weight.parameters;
    sum.values += countRemaining(weight, sparsity);
    sum.maskBytes += layer.matrices * countMaskBytes(layer);
    sum.rows += layer.matrices * layer.outputs;
    sum.matrices += layer.matrices;
  }
  return sum;
}

/** Why the matrices cannot be thinned out in this way; null where they can. */
export function refuseSparsity({ weights, config }: LogicalModel, sparsity: Sparsity): Unknown | null {
  const layers = weights.flatMap((weight) => readLinearLayer(weight, config) ?? []);
  if (layers.length === 0) return unknown("there are no linear layers in its transformer blocks");
  if (sparsity.pattern !== "2:4") return null;
  const odd = layers.find(({ inputs }) => inputs % 4 !== 0);
  if (!odd) return null;
  return unknown(`2:4 takes two of every four weights of a row, and those of ${odd.name} have ${odd.inputs}`);
}

/** The parameters left once the matrices are thinned out. */
export function countSparse(model: LogicalModel, sparsity: Sparsity): number {
  const { positions, values } = countPrunable(model, sparsity);
  return sumParameters(model.weights) - positions + values;
}

/**
 * The exact bytes at a level: values that are left, scales as of the whole matrix (a tool quantizes before it leaves
 * zeros out, so that a group of 32 stays a group), and what says where they stand.
 */
export function computeSparseBytes(
  level: Level,
  { weights, config }: LogicalModel,
  sparsity: Sparsity,
): number {
  const bytes = weights.reduce((sum, weight) => {
    const layer = readLinearLayer(weight, config);
    const isWhole = !layer || (sparsity.pattern === "unstructured" && sparsity.storage === "dense");
    if (isWhole) return sum + computeWeightBytes(level, weight);
    const values = countRemaining(weight, sparsity);
    return sum + computeWeightBytes(level, weight, values) + countPositionBytes(layer, values, sparsity);
  }, 0);
  if (!Number.isSafeInteger(bytes)) throw new RangeError(`the ${level} size is not a safe integer`);
  return bytes;
}

/** One bit a position of each row; the 2-bit indices of NVIDIA's sparse tensor cores, two a group of four, are as many. */
function countMaskBytes({ outputs, inputs }: LinearLayer): number {
  return outputs * Math.ceil(inputs / 8);
}

/** Return the bytes that store where the values of one array are. */
function countPositionBytes(layer: LinearLayer, values: number, sparsity: Sparsity): number {
  const { matrices, outputs } = layer;
  const bitmask = countMaskBytes(layer);
  if (sparsity.pattern === "2:4") return matrices * (bitmask + SHAPE_BYTES);
  if (sparsity.storage === "csr") return CSR_INDEX_BYTES * (values + matrices * (outputs + 1));
  return matrices * (bitmask + BITMASK_OFFSET_BYTES * outputs + SHAPE_BYTES);
}
