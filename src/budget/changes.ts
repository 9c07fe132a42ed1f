/** What changed between two measurements of a model, and by how much. */
import type { ModelChange, ModelReport } from "../contract/types.ts";
import { lockModel, type LockedModel } from "./lock.ts";

interface Pair<Value> {
  readonly before: Value;
  readonly after: Value;
}

/** Compares two of the same reference: reports, lock entries, or one of each. */
export function compareModels(
  before: ModelReport | LockedModel,
  after: ModelReport | LockedModel,
): ModelChange {
  const [old, now] = [toLocked(before), toLocked(after)];
  const figures = pairUp(listFigures(old), listFigures(now)).map(([name, pair]) => ({
    name,
    ...pair,
    growthPercent:
      pair.before === null || pair.after === null ? null : computeGrowthPercent(pair.before, pair.after),
  }));
  return {
    reference: now.reference,
    id: old.id === now.id ? null : { before: old.id, after: now.id },
    revision: old.revision === now.revision ? null : { before: old.revision, after: now.revision },
    figures,
    files: pairUp(new Map(Object.entries(old.files)), new Map(Object.entries(now.files))).map(
      ([path, pair]) => ({
        path,
        ...pair,
      }),
    ),
  };
}

/** The growth from one to the other, in percent; null from nothing. One rounding, so that 7% is 7 and not 7.000000000000001. */
export function computeGrowthPercent(before: number, after: number): number | null {
  return before === 0 ? null : ((after - before) * 100) / before;
}

function toLocked(model: ModelReport | LockedModel): LockedModel {
  return "evidence" in model ? lockModel(model) : model;
}

function listFigures({ parameters, publishedBytes, sizes }: LockedModel): ReadonlyMap<string, number | null> {
  return new Map([["parameters", parameters], ["published", publishedBytes], ...Object.entries(sizes)]);
}

/** Names whose values differ, those of the left first. */
function pairUp(
  left: ReadonlyMap<string, number | null>,
  right: ReadonlyMap<string, number | null>,
): [string, Pair<number | null>][] {
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((name): [string, Pair<number | null>] => [
      name,
      { before: left.get(name) ?? null, after: right.get(name) ?? null },
    ])
    .filter(([, { before, after }]) => before !== after);
}
