import { isRefusal, groupDigits, startReducing } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { describeChange } from "./rows.ts";
import { countSparse, refuseSparsity, type Sparsity, type SparseStorage } from "./sparsity.ts";
import { pruneHeads, pruneLayers, pruneWidth } from "./structured-pruning.ts";

/** What is left out as a whole. */
export const PRUNED_UNITS = ["heads", "layers", "width"] as const;
export type PrunedUnit = (typeof PRUNED_UNITS)[number];

export type Pruning =
  Sparsity | { readonly pattern: "structured"; readonly unit: PrunedUnit; readonly percent: number };

/** The rows of the report: what papers prune by. */
const USUAL: readonly Pruning[] = [
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
  (reduced: Reduced, percent: number) => Change | Refusal
>;

/** What is stored of the values left, and beside them. */
const STORED_AS = {
  dense: "and each zero is stored like any weight",
  bitmask: "+ 1 bit a place + 8 bytes a row + 16 a matrix",
  csr: "+ 4 bytes a value for its column + 4 a row",
} as const satisfies Record<SparseStorage, string>;

export function listPrunings(original: Original, request: ReductionRequest): Reduction[] {
  const start = startReducing(original);
  return USUAL.map((pruning) =>
    describeChange("pruning", namePruning(pruning), prune(start, pruning), request),
  );
}

/** Takes weights out; refuses what the shapes do not allow. */
export function prune(reduced: Reduced, pruning: Pruning): Change | Refusal {
  if (pruning.pattern === "structured") {
    const change = STRUCTURED[pruning.unit](reduced, pruning.percent);
    if (isRefusal(change) || !reduced.sparsity) return change;
    return refuseSparsity(change.reduced.weights, change.reduced.config, reduced.sparsity) ?? change;
  }
  const { weights, config } = reduced;
  if (reduced.sparsity) return { reason: "its matrices are pruned already" };
  const refusal = refuseSparsity(weights, config, pruning);
  if (refusal) return refusal;
  const left = countSparse(weights, config, pruning);
  return {
    name: namePruning(pruning),
    inputs: pruning,
    reduced: { ...reduced, sparsity: pruning },
    arithmetic: `${groupDigits(left)} left ${describeStorage(pruning)}`,
    limit:
      "Only linear layers of the blocks are pruned; embeddings, head and norms stay. Few runtimes read sparse files.",
  };
}

function namePruning(pruning: Pruning): string {
  if (pruning.pattern === "structured") return `${pruning.percent} % of ${pruning.unit}`;
  if (pruning.pattern === "2:4") return "2:4 with its metadata";
  return `${pruning.percent} % zeros, ${pruning.storage === "csr" ? "CSR" : pruning.storage}`;
}

function describeStorage(sparsity: Sparsity): string {
  return sparsity.pattern === "2:4"
    ? "+ 4 bits for every 4 of a row + 16 bytes a matrix"
    : STORED_AS[sparsity.storage];
}
