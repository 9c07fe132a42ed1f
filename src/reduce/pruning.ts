import { isRefusal, groupDigits, startReducing } from "./reduction.ts";
import type { Change, Original, Reduced, Reduction, ReductionRequest, Refusal } from "./reduction.ts";
import { describeChange } from "./sizes.ts";
import { countSparse, measurePrunable, refuseSparsity } from "./sparsity.ts";
import type { Prunable, Sparsity, SparseStorage } from "./sparsity.ts";
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

/** What is stored beside the values left, in bytes. */
const STORED_AS = {
  dense: () => "and each zero is stored like any weight",
  bitmask: ({ maskBytes, rows, matrices }) =>
    `+ ${groupDigits(maskBytes)} for a bit a place + 8 × ${groupDigits(rows)} rows + 16 × ${groupDigits(matrices)} matrices${SCALES}`,
  csr: ({ values, rows, matrices }) =>
    `+ 4 × ${groupDigits(values)} columns + 4 × (${groupDigits(rows)} rows + ${groupDigits(matrices)} matrices)${SCALES}`,
  "2:4": ({ maskBytes, matrices }) =>
    `+ ${groupDigits(maskBytes)} for a bit a place + 16 × ${groupDigits(matrices)} matrices${SCALES}`,
} as const satisfies Record<SparseStorage | "2:4", (prunable: Prunable) => string>;

const SCALES = "; the scales of int8 and int4 stay whole";

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
  const prunable = measurePrunable(weights, config, pruning);
  const storage = pruning.pattern === "2:4" ? "2:4" : pruning.storage;
  return {
    name: namePruning(pruning),
    inputs: { ...pruning, ...prunable },
    reduced: { ...reduced, sparsity: pruning },
    arithmetic: `${groupDigits(left)} left ${STORED_AS[storage](prunable)}`,
    caveat:
      "Only linear layers of the blocks are pruned; embeddings, head and norms stay. Few runtimes read sparse files.",
  };
}

function namePruning(pruning: Pruning): string {
  if (pruning.pattern === "structured") return `${pruning.percent} % of ${pruning.unit}`;
  if (pruning.pattern === "2:4") return "2:4 with its metadata";
  return `${pruning.percent} % zeros, ${pruning.storage === "csr" ? "CSR" : pruning.storage}`;
}
