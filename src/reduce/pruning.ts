import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount } from "./counts.ts";
import { type ResultRow, type RowOptions, buildRow } from "./row.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";
import { countSparse, countPrunable, refuseSparsity } from "./sparsity.ts";
import type { Prunable, Sparsity, SparseStorage } from "./sparsity.ts";
import { pruneHeads, pruneLayers, pruneWidth } from "./structured-pruning.ts";

/** Units that are left out as a whole. */
export const PRUNED_UNITS = ["heads", "layers", "width"] as const;
type PrunedUnit = (typeof PRUNED_UNITS)[number];

export type Pruning =
  Sparsity | { readonly pattern: "structured"; readonly unit: PrunedUnit; readonly percent: number };

/** The rows of the report: what papers prune by. */
const DEFAULT_PRUNINGS: readonly Pruning[] = [
  { pattern: "unstructured", percent: 50, storage: "dense" },
  { pattern: "unstructured", percent: 50, storage: "bitmask" },
  { pattern: "unstructured", percent: 50, storage: "csr" },
  { pattern: "unstructured", percent: 90, storage: "bitmask" },
  { pattern: "unstructured", percent: 90, storage: "csr" },
  { pattern: "2:4" },
  ...PRUNED_UNITS.map((unit) => ({ pattern: "structured" as const, unit, percent: 25 })),
];

const STRUCTURED = { heads: pruneHeads, layers: pruneLayers, width: pruneWidth } satisfies Record<
  PrunedUnit,
  (variant: Variant, percent: number) => Transform | Unknown
>;

/** Bytes stored in addition to the remaining values. */
const STORED_AS = {
  dense: () => "and each zero is stored like any weight",
  bitmask: ({ maskBytes, rows, matrices }) =>
    `+ ${formatCount(maskBytes)} for a bit a place + 8 × ${formatCount(rows)} rows + 16 × ${formatCount(matrices)} matrices${SCALES}`,
  csr: ({ values, rows, matrices }) =>
    `+ 4 × ${formatCount(values)} columns + 4 × (${formatCount(rows)} rows + ${formatCount(matrices)} matrices)${SCALES}`,
  "2:4": ({ maskBytes, matrices }) =>
    `+ ${formatCount(maskBytes)} for a bit a place + 16 × ${formatCount(matrices)} matrices${SCALES}`,
} as const satisfies Record<SparseStorage | "2:4", (prunable: Prunable) => string>;

const SCALES = "; the scales of int8 and int4 stay whole";

export function listPrunings(base: BaseModel, options: RowOptions): ResultRow[] {
  const start = startVariant(base);
  return DEFAULT_PRUNINGS.map((pruning) =>
    buildRow("pruning", namePruning(pruning), prune(start, pruning), options),
  );
}

/** Takes weights out; refuses what the shapes do not allow. */
export function prune(variant: Variant, pruning: Pruning): Transform | Unknown {
  if (pruning.pattern === "structured") {
    const change = STRUCTURED[pruning.unit](variant, pruning.percent);
    if (isUnknown(change) || !variant.sparsity) return change;
    return refuseSparsity(change.variant.weights, change.variant.config, variant.sparsity) ?? change;
  }
  const { weights, config } = variant;
  if (variant.sparsity) return unknown("its matrices are pruned already");
  const refusal = refuseSparsity(weights, config, pruning);
  if (refusal) return refusal;
  const left = countSparse(weights, config, pruning);
  const prunable = countPrunable(weights, config, pruning);
  const storage = pruning.pattern === "2:4" ? "2:4" : pruning.storage;
  return {
    name: namePruning(pruning),
    inputs: { ...pruning, ...prunable },
    variant: { ...variant, sparsity: pruning },
    arithmetic: `${formatCount(left)} left ${STORED_AS[storage](prunable)}`,
    caveat:
      "Only linear layers of the blocks are pruned; embeddings, head and norms stay. Few runtimes read sparse files.",
  };
}

function namePruning(pruning: Pruning): string {
  if (pruning.pattern === "structured") return `${pruning.percent} % of ${pruning.unit}`;
  if (pruning.pattern === "2:4") return "2:4 with its metadata";
  return `${pruning.percent} % zeros, ${pruning.storage === "csr" ? "CSR" : pruning.storage}`;
}
