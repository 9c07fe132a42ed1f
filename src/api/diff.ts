/** Compare two models, two revisions of one, or lock files. */
import { compareModels } from "../budget/changes.ts";
import type { LockedModel } from "../budget/lock.ts";
import type { DiffReport, Failure, ModelChange, ModelReport } from "../contract/types.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Reference } from "../source/reference.ts";
import { readLock } from "./lock-file.ts";
import type { MeasureOptions } from "./measure-options.ts";
import { measureReport } from "./documents.ts";
import { startReport } from "./measure.ts";

/** A model, or the path of a lock file. */
export type DiffSide = Reference | { readonly kind: "lock"; readonly file: string };

/** The models of one side. */
interface Models {
  readonly models: readonly (ModelReport | LockedModel)[];
  readonly failures: readonly Failure[];
  readonly isLock: boolean;
}

/** Measure or read both sides and compare them. Throws CONFIG_INVALID for a lock file that cannot be read. */
export async function diffSides(
  before: DiffSide,
  after: DiffSide,
  options: Omit<MeasureOptions, "quantizations">,
): Promise<DiffReport> {
  const read = async (side: DiffSide): Promise<Models> => {
    if (side.kind === "lock") {
      const { models } = await readLock(side.file, options.sources.system.cwd);
      return { models, failures: [], isLock: true };
    }
    const report = await measureReport([side], { ...options, quantizations: LEVEL_QUANTIZATIONS });
    return { ...report, isLock: false };
  };
  const [left, right] = await Promise.all([read(before), read(after)]);
  return {
    ...startReport(),
    changes: compareSides(left, right),
    failures: [...left.failures, ...right.failures],
  };
}

/** Compare two models with each other; in a lock file each with the one of the same reference. */
function compareSides(left: Models, right: Models): ModelChange[] {
  const isByReference = left.isLock || right.isLock;
  return right.models.flatMap((after) => {
    const before = left.models.find(({ reference }) => !isByReference || reference === after.reference);
    return before ? [compareModels(before, after)] : [];
  });
}
