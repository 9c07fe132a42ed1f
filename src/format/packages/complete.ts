import { LlmSizeError } from "../../errors.ts";
import type { CompleteContext, CompleteUnit } from "./package-format.ts";
import type { Unit } from "./unit.ts";

/** Complete a unit whose names say which files it has. Throws INCOMPLETE_WEIGHTS where some are missing. */
export function requireWhole(unit: Unit, { source }: Pick<CompleteContext, "source">): CompleteUnit {
  const { files, missing } = unit;
  if (missing.length > 0) throw new LlmSizeError("INCOMPLETE_WEIGHTS", { model: source.id, missing });
  return { unit, files, orphans: [], header: null, doubts: [] };
}
