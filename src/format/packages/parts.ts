/** Several graphs of one folder: the parts of one model, or models of their own. */
import type { Listing } from "./listing.ts";
import { listNames } from "../../contract/list-names.ts";
import type { PackageDoubt } from "./doubt.ts";
import { pickUnit, type Family } from "./families.ts";
import { rankLabel } from "./labels.ts";
import { selectUnits, type Selection } from "./selection.ts";
import { bytesOfUnit, type Unit } from "./unit.ts";
import { isPartWord } from "./words.ts";

/** A graph without a part's word counts as preprocessing below this share of the whole: NeMo's `nemo128.onnx`. */
const SMALL_SHARE = 0.01;

/** A folder of more graphs is a collection. */
const MAX_PARTS = 200;

/** A merged decoder of optimum replaces the two it was merged from. */
const MERGED = {
  stem: "decoder-model-merged",
  replaces: new Set(["decoder-model", "decoder-with-past-model"]),
};

/** Select the graphs of a folder as the parts of one model; null where their names do not say that they are. */
export function selectParts(families: readonly Family[], listing: Listing): Selection | null {
  if (families.length > MAX_PARTS || hasOwnConfigs(families, listing)) return null;
  const { current, replaced } = setAsideVersions(families);
  const isMerged = current.some(({ stem }) => stem === MERGED.stem);
  const parts = current.filter(({ stem }) => !(isMerged && MERGED.replaces.has(stem)));
  const chosen = chooseLabel(parts);
  const total = chosen.units.reduce((sum, unit) => sum + bytesOfUnit(unit), 0);
  const unnamed = chosen.units.filter(({ stem }) => !isPartWord(stem));
  const unnamedBytes = unnamed.reduce((sum, unit) => sum + bytesOfUnit(unit), 0);
  if (unnamed.length === chosen.units.length || unnamedBytes > total * SMALL_SHARE) return null;
  const used = new Set(chosen.units);
  const others = families.flatMap(({ units }) => units).filter((unit) => !used.has(unit));
  return selectUnits(chosen.units, {
    alternatives: others,
    doubts: [...chosen.doubts, ...doubtVersions(replaced, others)],
  });
}

/** Piper's voices: a json next to each graph makes each a model of its own. */
function hasOwnConfigs(families: readonly Family[], listing: Listing): boolean {
  const units = families.flatMap((family) => family.units);
  return units.length > 1 && units.every(({ path }) => listing.get(`${path}.json`) !== undefined);
}

/** One label for all parts, the plain one or the highest precision that all have; a part may lack labels. */
function chooseLabel(parts: readonly Family[]): { units: Unit[]; doubts: PackageDoubt[] } {
  const labels = [...new Set(parts.flatMap(({ units }) => units.map(({ label }) => label)))].toSorted(
    (a, b) => rankLabel(a) - rankLabel(b) || (a < b ? -1 : 1),
  );
  for (const label of labels) {
    const units = parts.map((part) => {
      const own = part.units.filter((unit) => unit.label === label);
      if (own.length > 0) return pickUnit({ ...part, units: own });
      return part.units.every((unit) => unit.label === "") ? pickUnit(part) : null;
    });
    if (units.every((unit) => unit !== null)) return { units: units as Unit[], doubts: [] };
  }
  const units = parts.map(pickUnit);
  if (parts.every((part) => part.units.length === 1)) return { units, doubts: [] };
  const names = units.map(({ path }) => path);
  const message = `its parts come in different precisions; counted are ${listNames(names)}`;
  return { units, doubts: [{ code: "PARTS_DIFFER", message, atMostBytes: null }] };
}

/** `encoder-v2` next to `encoder`: which of the two is loaded is decided in the app. */
function setAsideVersions(families: readonly Family[]): { current: Family[]; replaced: Family[] } {
  const stems = new Set(families.map(({ stem }) => stem));
  const isVersion = ({ stem }: Family) => {
    const plain = stem.replace(/-?v\d+$/, "");
    return plain !== stem && stems.has(plain);
  };
  return { current: families.filter((family) => !isVersion(family)), replaced: families.filter(isVersion) };
}

function doubtVersions(replaced: readonly Family[], others: readonly Unit[]): PackageDoubt[] {
  const unused = [
    ...replaced.flatMap(({ units }) => units),
    // Apps choose among the bundles of Core ML in code.
    ...others.filter(({ format, label }) => format === "coreml" && label !== ""),
  ];
  const names = [...new Set(unused.map(({ path }) => path))];
  if (names.length === 0) return [];
  const message = `which version of a part is loaded is up to the app; not counted: ${listNames(names)}`;
  return [{ code: "PARTS_DIFFER", message, atMostBytes: null }];
}
