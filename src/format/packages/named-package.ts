/** The package that the user named: a file, a bundle, a folder, or a quantization. */
import { LlmSizeError } from "../../errors.ts";
import type { RepositoryFile } from "../../source/repository.ts";
import { buildUnit } from "./build-unit.ts";
import type { Collapsed } from "./collapse.ts";
import { readStart, type PackageSource } from "./package-source.ts";
import { NOTHING, selectUnits, type Selection } from "./selection.ts";
import { SNIFF_BYTES, sniffFormat } from "./sniff.ts";
import { nameOf, type Unit } from "./unit.ts";

/** The user's choice within the repository. */
export interface WantedPackage {
  /** A file, a bundle or a folder; null for the model as a whole. */
  readonly path: string | null;
  /** A quantization, as in `org/name:Q8_0`; null for the usual one. */
  readonly label: string | null;
}

type Named =
  | { readonly kind: "unit"; readonly unit: Unit }
  | { readonly kind: "file"; readonly file: RepositoryFile }
  | { readonly kind: "folder"; readonly folder: string; readonly units: readonly Unit[] }
  | { readonly kind: "none" };

/** Find what a path names: a file stands for the unit that it belongs to, a folder for the units in it. */
export function findNamed({ units, listing }: Collapsed, path: string): Named {
  const named = path.replace(/\/+$/, "");
  const unit = units.find(
    (one) => one.path === named || one.index === named || one.files.some((file) => file.path === named),
  );
  if (unit) return { kind: "unit", unit };
  const file = listing.get(named);
  if (file) return { kind: "file", file };
  const own = units.filter((one) => one.path.startsWith(`${named}/`));
  return own.length === 0 ? { kind: "none" } : { kind: "folder", folder: named, units: own };
}

/** List the other units of a unit's family. */
export function listFamily(unit: Unit, units: readonly Unit[]): Unit[] {
  return units.filter(
    (one) =>
      one !== unit && one.format === unit.format && one.folder === unit.folder && one.stem === unit.stem,
  );
}

/** A file whose name says nothing, such as those of Ollama and of the Hub's cache. */
export async function selectByContent(source: PackageSource, file: RepositoryFile): Promise<Selection> {
  const start = await readStart(source, file, SNIFF_BYTES);
  const format = start && sniffFormat(start);
  if (!format) return NOTHING;
  return selectUnits([buildUnit({ format, path: file.path, files: [file], role: null })], {
    isCertain: true,
  });
}

/**
 * What a quantization in lower case names, the surest first: a label or the folder of one, a file by its name as for Ollama,
 * and as for llama.cpp the end of a label: `Q4_K_XL` for `UD-Q4_K_XL`. llama.cpp takes BF16 for `F16`, too.
 */
const LABEL_MATCHES: readonly ((unit: Unit, wanted: string) => boolean)[] = [
  ({ label, folder }, wanted) => label.toLowerCase() === wanted || nameOf(folder).toLowerCase() === wanted,
  ({ files }, wanted) => files.some(({ path }) => nameOf(path).toLowerCase() === wanted),
  ({ label }, wanted) => label.toLowerCase().endsWith(`-${wanted}`),
];

/** The quantization that was named, of the model that would be measured without it. */
export function selectLabel(
  source: PackageSource,
  selection: Selection,
  units: readonly Unit[],
  label: string,
): Selection {
  const wanted = label.toLowerCase();
  const candidates =
    selection.kind === "package"
      ? [...selection.units, ...selection.alternatives]
      : selection.kind === "several"
        ? units.filter(({ role }) => role === null)
        : [];
  const [matches = []] = LABEL_MATCHES.map((isMatch) =>
    candidates.filter((unit) => isMatch(unit, wanted)),
  ).filter((found) => found.length > 0);
  const families = new Set(matches.map(({ format, folder, stem }) => [format, folder, stem].join("\n")));
  if (matches.length > 0 && families.size === 1)
    return selectUnits(matches, {
      alternatives: candidates.filter((unit) => !matches.includes(unit)),
      isCertain: true,
    });
  if (matches.length > 1) return { kind: "several", candidates: matches };
  const available = [...new Set(candidates.map((unit) => unit.label).filter(Boolean))];
  throw new LlmSizeError("QUANTIZATION_NOT_FOUND", { model: source.id, label, available });
}
