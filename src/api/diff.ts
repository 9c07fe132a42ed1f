/** Compare two models, two revisions of one, or lock files. */
import { compareModels } from "../budget/changes.ts";
import { parseLock, type LockedModel } from "../budget/lock.ts";
import type { DiffReport, Failure, ModelChange, ModelReport } from "../contract/types.ts";
import { LlmSizeError } from "../errors.ts";
import { readTextFile } from "../files/text-file.ts";
import { LEVEL_QUANTIZATIONS } from "../quant/levels.ts";
import type { Reference } from "../source/reference.ts";
import { measureReport, startReport, type MeasureOptions } from "./measure.ts";

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
    if (side.kind === "lock")
      return { models: await readLock(side.file, options.sources.system.cwd), failures: [], isLock: true };
    return {
      ...(await measureReport([side], { ...options, quantizations: LEVEL_QUANTIZATIONS })),
      isLock: false,
    };
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
  if (!left.isLock && !right.isLock) {
    const [before] = left.models;
    const [after] = right.models;
    return before && after ? [compareModels(before, after)] : [];
  }
  return right.models.flatMap((after) => {
    const before = left.models.find(({ reference }) => reference === after.reference);
    return before ? [compareModels(before, after)] : [];
  });
}

async function readLock(file: string, cwd: string): Promise<readonly LockedModel[]> {
  const text = await readTextFile(file, cwd);
  if (text === null) throw new LlmSizeError("CONFIG_INVALID", { file, path: "", problem: "does not exist" });
  return parseLock(text, file).models;
}
