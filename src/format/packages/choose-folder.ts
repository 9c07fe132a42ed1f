/** Which units of one folder are the model: the lines C and D of the procedure, and the manifests of single formats. */
import { groupBy } from "../group-by.ts";
import { listNames } from "../../contract/list-names.ts";
import { bytesOfFamily, groupFamilies, pickUnit, rankFormat, type Family } from "./families.ts";
import type { Listing } from "./listing.ts";
import { PACKAGE_FORMATS } from "./package-formats.ts";
import { selectParts } from "./parts.ts";
import { NOTHING, selectUnits, type Selection } from "./selection.ts";
import { findStandardUnit } from "./standard.ts";
import { bytesOfUnit, nameOf, type Unit } from "./unit.ts";
import { splitWords } from "./words.ts";

export interface FolderFacts {
  /** Of the repository, without the organization: it may name one of several models. */
  readonly name: string;
  readonly listing: Listing;
}

/** Below this share of the model, others do not change the answer. */
const SMALL_SHARE = 0.01;

/** Select among the candidates of one folder. */
export function chooseInFolder(candidates: readonly Unit[], facts: FolderFacts): Selection {
  if (candidates.length === 0) return NOTHING;
  const standard = findStandardUnit(candidates);
  if (standard)
    return selectUnits([standard], { alternatives: familyOf(standard, candidates), isCertain: true });
  return (
    chooseByManifest(candidates) ??
    chooseFamily(groupFamilies(candidates), facts) ?? { kind: "several", candidates: candidates }
  );
}

function familyOf(unit: Unit, units: readonly Unit[]): Unit[] {
  return units.filter((other) => other !== unit && other.stem === unit.stem && other.format === unit.format);
}

/** Formats whose own index or names say which files are the model. */
function chooseByManifest(candidates: readonly Unit[]): Selection | null {
  const indexed = candidates.find(
    ({ format, index }) => index !== null && (format === "mlc" || format === "tfjs"),
  );
  if (indexed) return selectUnits([indexed], { isCertain: true });
  const graphs = candidates.filter(
    ({ format, path }) => format === "openvino" && nameOf(path).startsWith("openvino_"),
  );
  if (graphs.length > 0) {
    const units = groupFamilies(graphs).map(pickUnit);
    return selectUnits(units, {
      alternatives: graphs.filter((unit) => !units.includes(unit)),
      isCertain: true,
    });
  }
  const saved = candidates.find(({ path }) => nameOf(path) === "saved_model.pb");
  return saved ? selectUnits([saved], { isCertain: true }) : null;
}

/** The lines D1 to D4; null where parts and models cannot be told apart. */
function chooseFamily(families: readonly Family[], facts: FolderFacts): Selection | null {
  const stems = new Set(families.map(({ stem }) => stem));
  if (stems.size === 1) return chooseFormat(families);
  const formats = new Set(families.map(({ format }) => format));
  const [format = "safetensors"] = formats;
  if (formats.size === 1 && format === "gguf") return chooseGgufFamily(families, facts);
  if (formats.size === 1 && PACKAGE_FORMATS[format].hasParts) {
    const parts = selectParts(families, facts.listing);
    if (parts) return parts;
  }
  return chooseLargest(families, facts);
}

/** One model in one or more formats: the one that is read best. */
function chooseFormat(families: readonly Family[]): Selection {
  const [best] = families.toSorted((a, b) => rankFormat(a.format) - rankFormat(b.format)) as [Family];
  const unit = pickUnit(best);
  const all = families.flatMap(({ units }) => units);
  return selectUnits([unit], { alternatives: all.filter((other) => other !== unit) });
}

/** The one called as the repository; else, in doubt, the one with most quantizations, or the largest. */
function chooseGgufFamily(families: readonly Family[], { name }: FolderFacts): Selection {
  const { family, isByName } = rankGgufFamilies(families, name);
  const unit = pickUnit(family);
  const alternatives = family.units.filter((other) => other !== unit);
  if (isByName) return selectUnits([unit], { alternatives });
  const others = families.filter((other) => other !== family).map((other) => pickUnit(other).path);
  const message = `it holds several models; measured is ${unit.path}, not ${listNames(others)}; name the one you mean`;
  return selectUnits([unit], {
    alternatives,
    doubts: [{ code: "SEVERAL_MODELS", message, atMostBytes: null }],
  });
}

function rankGgufFamilies(families: readonly Family[], name: string): { family: Family; isByName: boolean } {
  const wanted = toKey(name.replace(/-?gguf$/i, ""));
  const byName = families.filter(({ stem }) => toKey(stem) === wanted);
  const [best] = families.toSorted(
    (a, b) => b.units.length - a.units.length || bytesOfFamily(b) - bytesOfFamily(a),
  ) as [Family];
  const [named] = byName;
  return named && byName.length === 1 ? { family: named, isByName: true } : { family: best, isByName: false };
}

/** Return the units of the family of GGUF files that a repository of this name is about. */
export function chooseFamilyOfGguf(units: readonly Unit[], name: string): readonly Unit[] {
  return rankGgufFamilies(groupFamilies(units), name).family.units;
}

function toKey(text: string): string {
  return splitWords(text).join("");
}

/** One family next to which all others are small. */
function chooseLargest(families: readonly Family[], facts: FolderFacts): Selection | null {
  const byStem = groupBy(families, ({ stem }) => stem);
  const groups = [...byStem.values()].toSorted((a, b) => largest(b) - largest(a));
  const [first, ...rest] = groups as [Family[], ...Family[][]];
  const restBytes = rest
    .flat()
    .flatMap(({ units }) => units)
    .reduce((sum, unit) => sum + bytesOfUnit(unit), 0);
  return restBytes < largest(first) * SMALL_SHARE ? chooseFamily(first, facts) : null;
}

function largest(families: readonly Family[]): number {
  return families.reduce((most, family) => Math.max(most, bytesOfFamily(family)), 0);
}
