import { compareModels, type ModelChanges } from "../../budget/changes.ts";
import { parseLock, type LockedModel } from "../../budget/lock.ts";
import { LlmSizeError, type ExitCode } from "../../errors.ts";
import { measureReferences, startReport } from "../../api/measure.ts";
import { LEVEL_QUANTIZATIONS } from "../../quant/levels.ts";
import { renderChanges } from "../../render/changes.ts";
import { renderJson } from "../../render/json.ts";
import type { Failure, ModelReport } from "../../contract/report.ts";
import { readTextFile } from "../../files/config-file.ts";
import type { OutputOptions, SourceOptions } from "../options.ts";
import { judgeExit, type Session } from "../session.ts";

/** One side of a comparison: the models of a lock file, or one model. */
interface Side {
  readonly models: readonly (ModelReport | LockedModel)[];
  readonly failures: readonly Failure[];
  readonly isLock: boolean;
}

export async function runDiff(
  before: string,
  after: string,
  options: OutputOptions & SourceOptions,
  session: Session,
): Promise<ExitCode> {
  const [left, right] = await session.watch(async (hooks) => {
    const sources = await session.openSources(options);
    const read = async (text: string): Promise<Side> => {
      if (text.endsWith(".json")) return { models: await readLockFile(text), failures: [], isLock: true };
      const references = [session.parse(text, sources)];
      const quantizations = LEVEL_QUANTIZATIONS;
      const { models, failures } = await measureReferences(references, {
        sources,
        quantizations,
        withBase: false,
        ...hooks,
      });
      return { models, failures, isLock: false };
    };
    return Promise.all([read(before), read(after)]);
  });
  const changes = compareSides(left, right);
  const failures = [...left.failures, ...right.failures];
  const { units } = await session.look(options);
  const text = renderChanges(changes, units) || (failures.length === 0 ? "nothing has changed" : "");
  session.print(options.format === "json" ? renderJson({ ...startReport(), changes, failures }) : text);
  await session.remark({ models: [], failures }, options);
  return judgeExit({ failures, verdicts: [] });
}

/** Two models are compared with each other; in a lock file each with its namesake. */
function compareSides(left: Side, right: Side): ModelChanges[] {
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

async function readLockFile(file: string): Promise<readonly LockedModel[]> {
  const text = await readTextFile(file);
  if (text === null)
    throw new LlmSizeError("CONFIG_INVALID", { file, path: "", problem: "it does not exist" });
  return parseLock(text, file).models;
}
