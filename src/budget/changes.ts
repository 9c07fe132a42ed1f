/** The changes between two measurements of a model, and their size. */
import type { Basis } from "../contract/terms.ts";
import type { ModelChange, ModelReport } from "../contract/types.ts";
import { lockModel, type LockedModel } from "./lock.ts";

/** Bytes or a count, and its basis; null where a lock file does not state it. */
interface Figure {
  readonly value: number | null;
  readonly basis: Basis | null;
}

/** Compare two reports of a model, two of its lock entries, or one of each. */
export function compareModels(
  before: ModelReport | LockedModel,
  after: ModelReport | LockedModel,
): ModelChange {
  const [old, now] = [toLocked(before), toLocked(after)];
  const changed = pairUp(listFigures(before), listFigures(after)).filter(
    ([, left, right]) => (left?.value ?? null) !== (right?.value ?? null),
  );
  // Of two models the difference is more than that of their bases.
  const isOther = old.id !== now.id;
  const comparable = changed.filter(([, left, right]) => isOther || hasSameBasis(left, right));
  const isListed = isOther || hasSameBasis(getPublished(old), getPublished(now));
  const files = isListed ? pairUp(old.files, now.files) : [];
  return {
    reference: now.reference,
    id: isOther ? { before: old.id, after: now.id } : null,
    // A revision is not known offline or of a folder, which is not a change.
    revision:
      old.revision === null || now.revision === null || old.revision === now.revision
        ? null
        : { before: old.revision, after: now.revision },
    figures: comparable.map(([name, left, right]) => {
      const [from, to] = [left?.value ?? null, right?.value ?? null];
      const growthPercent = from === null || to === null ? null : computeGrowthPercent(from, to);
      return { name, before: from, after: to, growthPercent };
    }),
    files: files
      .map(([path, left = null, right = null]) => ({ path, before: left, after: right }))
      .filter(({ before: from, after: to }) => from !== to),
    notCompared: changed.filter((pair) => !comparable.includes(pair)).map(([name]) => name),
  };
}

/** Compute growth in percent; null from zero. Divides last, so that 7% is 7 and not 7.000000000000001. */
export function computeGrowthPercent(before: number, after: number): number | null {
  return before === 0 ? null : ((after - before) * 100) / before;
}

function toLocked(model: ModelReport | LockedModel): LockedModel {
  return "evidence" in model ? lockModel(model) : model;
}

function listFigures(model: ModelReport | LockedModel): Record<string, Figure> {
  const locked = toLocked(model);
  const sizes = "evidence" in model ? model.sizes : [];
  const bases = new Map(sizes.map(({ quantization, basis }) => [quantization, basis]));
  return {
    parameters: { value: locked.parameters, basis: null },
    published: getPublished(locked),
    ...Object.fromEntries(
      Object.entries(locked.sizes).map(([name, value]) => [name, { value, basis: bases.get(name) ?? null }]),
    ),
  };
}

/** Published bytes without files were computed from the tensors of the catalog. */
function getPublished({ publishedBytes, files }: LockedModel): Figure {
  return { value: publishedBytes, basis: Object.keys(files).length > 0 ? "published" : "computed" };
}

/** False where two values differ by how they are known, such as computed from tensors and predicted from a total. */
function hasSameBasis(left: Figure | undefined, right: Figure | undefined): boolean {
  if (left?.value == null || right?.value == null) return true;
  return left.basis === null || right.basis === null || left.basis === right.basis;
}

/** Pair the values of each name, the names of the left first. */
function pairUp<Value>(
  left: Readonly<Record<string, Value>>,
  right: Readonly<Record<string, Value>>,
): [name: string, left: Value | undefined, right: Value | undefined][] {
  const [before, after] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.map((name) => [name, before.get(name), after.get(name)]);
}
