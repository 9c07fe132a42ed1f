import { type Unknown, isUnknown, unknown } from "../contract/unknown.ts";
import { formatCount } from "./counts.ts";
import { type ResultRow, type RowOptions, buildTransformRow } from "./row.ts";
import { type Prunable, type Sparsity, type SparseStorage, SPARSE_STORAGES } from "./sparsity.ts";
import { countSparse, countPrunable, refuseSparsity } from "./sparsity.ts";
import { type Step, STEP_EXAMPLES, invalidStep, parseChoice, parseNumber } from "./step.ts";
import { pruneHeads, pruneLayers, pruneWidth } from "./structured-pruning.ts";
import { type BaseModel, type Transform, type Variant, startVariant } from "./variant.ts";

/** Units that are left out as a whole. */
const UNITS = ["heads", "layers", "width"] as const;
type Unit = (typeof UNITS)[number];

type Pruning = Sparsity | { readonly pattern: "structured"; readonly unit: Unit; readonly percent: number };

/** The rows of the report: what papers prune by. */
const DEFAULT_PRUNINGS: readonly Pruning[] = [
  { pattern: "unstructured", percent: 50, storage: "dense" },
  { pattern: "unstructured", percent: 50, storage: "bitmask" },
  { pattern: "unstructured", percent: 50, storage: "csr" },
  { pattern: "unstructured", percent: 90, storage: "bitmask" },
  { pattern: "unstructured", percent: 90, storage: "csr" },
  { pattern: "2:4" },
  ...UNITS.map((unit) => ({ pattern: "structured" as const, unit, percent: 25 })),
];

const STRUCTURED = { heads: pruneHeads, layers: pruneLayers, width: pruneWidth } satisfies Record<
  Unit,
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
    buildTransformRow({ technique: "pruning", name: namePruning(pruning) }, prune(start, pruning), options),
  );
}

/** Take weights out; refuse what the shapes do not allow. */
function prune(variant: Variant, pruning: Pruning): Transform | Unknown {
  if (pruning.pattern === "structured") {
    const change = STRUCTURED[pruning.unit](variant, pruning.percent);
    if (isUnknown(change) || !variant.sparsity) return change;
    return refuseSparsity(change.variant, variant.sparsity) ?? change;
  }
  if (variant.sparsity) return unknown("its matrices are pruned already");
  const refusal = refuseSparsity(variant, pruning);
  if (refusal) return refusal;
  const prunable = countPrunable(variant, pruning);
  const storage = pruning.pattern === "2:4" ? "2:4" : pruning.storage;
  return {
    name: namePruning(pruning),
    inputs: { ...pruning, ...prunable },
    variant: { ...variant, sparsity: pruning },
    arithmetic: `${formatCount(countSparse(variant, pruning))} left ${STORED_AS[storage](prunable)}`,
    caveat:
      "Only linear layers of the blocks are pruned; embeddings, head and norms stay. Few runtimes read sparse files.",
  };
}

function namePruning(pruning: Pruning): string {
  if (pruning.pattern === "structured") return `${pruning.percent} % of ${pruning.unit}`;
  if (pruning.pattern === "2:4") return "2:4 with its metadata";
  return `${pruning.percent} % zeros, ${pruning.storage === "csr" ? "CSR" : pruning.storage}`;
}

/** Parse `2:4`, `<percent>[:<storage>]` or `<unit>:<percent>`. Throws USAGE. */
export function parsePruning(words: readonly string[]): Step {
  const text = words.join(":");
  const [first = "", second, ...rest] = words;
  if (text === "2:4") return buildStep(text, "single weights", { pattern: "2:4" });
  if (rest.length > 0) throw invalidStep(`"prune:${text}" has too many parts`, STEP_EXAMPLES.prune);
  const unit = UNITS.find((known) => known === first);
  if (unit) {
    const percent = parsePercent(second);
    return buildStep(`${unit}:${percent}`, unit, { pattern: "structured", unit, percent });
  }
  const storage = parseChoice("prune", [second ?? "bitmask"], SPARSE_STORAGES);
  const percent = parsePercent(first);
  return buildStep(`${percent}:${storage}`, "single weights", { pattern: "unstructured", percent, storage });
}

function parsePercent(text = ""): number {
  return parseNumber("prune", text.replace(/%$/, ""), { what: "share to prune", max: 99 });
}

function buildStep(text: string, pruned: string, pruning: Pruning): Step {
  return {
    technique: "pruning",
    text: `prune:${text}`,
    kind: `pruning ${pruned}`,
    apply: (variant) => prune(variant, pruning),
  };
}
