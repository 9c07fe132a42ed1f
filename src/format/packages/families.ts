import { groupBy } from "../group-by.ts";
import { isGgufLabel, normalizeGgufLabel, rankGgufLabel, rankLabel } from "./labels.ts";
import { FORMAT_NAMES, type PackageFormatName } from "./format-names.ts";
import { bytesOfUnit, folderOf, nameOf, type Unit } from "./unit.ts";

/** Units of one format, folder and stem: the same model in several precisions. */
export interface Family {
  readonly format: PackageFormatName;
  readonly folder: string;
  readonly stem: string;
  readonly units: readonly Unit[];
}

/** Publishers give each quantization of a GGUF a folder of its own: `Q4_K_M/model-00001-of-00002.gguf`. */
export function foldLabelFolder(unit: Unit): Unit {
  const folder = nameOf(unit.folder);
  if (unit.format !== "gguf" || !isGgufLabel(folder)) return unit;
  const label = unit.label === "" ? normalizeGgufLabel(folder) : unit.label;
  return { ...unit, folder: folderOf(unit.folder), label };
}

/** Group units into families, in the order of their paths. */
export function groupFamilies(units: readonly Unit[]): Family[] {
  const families = groupBy(units, ({ format, folder, stem }) => [format, folder, stem].join("\n"));
  return [...families.values()].map((own) => {
    const [{ format, folder, stem }] = own as [Unit];
    return { format, folder, stem, units: own };
  });
}

/** Return the unit of a family that people take: the plain one or the highest precision, of GGUF the usual label. */
export function pickUnit({ format, units }: Pick<Family, "format" | "units">): Unit {
  const whole = units.filter(({ missing }) => missing.length === 0);
  const rank = ({ label }: Unit) => (format === "gguf" ? rankGgufLabel(label) : rankLabel(label));
  const [first] = (whole.length > 0 ? whole : units).toSorted(
    // A compiled bundle of Core ML is loaded unchanged.
    (a, b) =>
      rank(a) - rank(b) || Number(isCompiled(b)) - Number(isCompiled(a)) || (a.path < b.path ? -1 : 1),
  );
  return first as Unit;
}

function isCompiled({ path }: Unit): boolean {
  return path.endsWith(".mlmodelc");
}

export function bytesOfFamily({ units }: Family): number {
  return units.reduce((most, unit) => Math.max(most, bytesOfUnit(unit)), 0);
}

/** Rank a format by how surely it is read: safetensors, PyTorch, GGUF, then the others. */
export function rankFormat(format: PackageFormatName): number {
  return FORMAT_NAMES.indexOf(format);
}
