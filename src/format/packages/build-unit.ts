import { splitLabels } from "./labels.ts";
import { classifyRole } from "./roles.ts";
import { folderOf, nameOf, type Unit } from "./unit.ts";

/** Build a unit; its stem, label and role are in its path unless they are given. */
export function buildUnit(unit: Pick<Unit, "format" | "path" | "files"> & Partial<Unit>): Unit {
  const { format, path } = unit;
  return {
    folder: folderOf(path),
    ...splitLabels(nameOf(path).replace(/\.[^.]+$/, ""), format),
    index: null,
    missing: [],
    role: classifyRole(path, format),
    ...unit,
  };
}
