/** Parameters of files that do not state them: those of the base model that the repository's card names. */
import { listFiles, type PackageChoice } from "../format/packages/package-choice.ts";
import { PACKAGE_FORMATS } from "../format/packages/package-formats.ts";
import { UNKNOWN_COUNTS, type ParameterCounts } from "../model/parameters.ts";
import type { Note } from "../notes.ts";
import { sumBytes, type Repository } from "../source/repository.ts";
import type { ModelContents } from "./read-model.ts";

type Unmeasured = Pick<ModelContents, "evidence" | "checkpoint" | "adapter">;

/** Return the base model to count instead of files of a whole package that do not state their parameters; null for others. */
export function findBaseToCount(
  { evidence, checkpoint, adapter }: Unmeasured,
  { baseModel }: Pick<Repository, "baseModel">,
): string | null {
  const isWhole = checkpoint !== null && checkpoint.doubt === null && checkpoint.absent.length === 0;
  return evidence === "files" && isWhole && adapter === null ? baseModel : null;
}

/** Of 1 bit per parameter, and of fp32; graphs store shared weights once per use. */
const BYTES_PER_PARAMETER = { min: 0.12, max: { arrays: 4.5, graphs: 8.5 } };

/** Take the counts of the base model where they agree with the bytes of the files. */
export function takeBaseCounts(
  checkpoint: PackageChoice,
  base: { readonly id: string; readonly counts: ParameterCounts },
): { readonly counts: ParameterCounts; readonly note: Note } {
  const { total, active, activeNonEmbedding, embedding } = base.counts;
  const bytes = sumBytes(listFiles(checkpoint));
  const { min, max } = BYTES_PER_PARAMETER;
  const most = max[PACKAGE_FORMATS[checkpoint.format].hasParts ? "graphs" : "arrays"];
  const why =
    total === null
      ? "whose parameters are not known either"
      : bytes < min * total || bytes > most * total
        ? `whose ${total} parameters do not agree with files of ${bytes} bytes`
        : null;
  if (why !== null) {
    const message = `its card names ${base.id} as its base, ${why}`;
    return { counts: UNKNOWN_COUNTS, note: { code: "BASE_UNMEASURED", message } };
  }
  const message = `parameters are those of ${base.id}, which its card names as its base; check that model to limit them`;
  return {
    counts: { ...UNKNOWN_COUNTS, total, active, activeNonEmbedding, embedding },
    note: { code: "BASE_PARAMETERS", message },
  };
}
