import type { PackageDoubt } from "./doubt.ts";
import type { Unit } from "./unit.ts";

/** Choose the units that are the model, by names alone. */
export type Selection =
  | {
      readonly kind: "package";
      readonly units: readonly Unit[];
      /** Other units of the same model, in other precisions. */
      readonly alternatives: readonly Unit[];
      /** True where a manifest or a loader's own names decide: other files are then noted, not doubted. */
      readonly isCertain: boolean;
      readonly doubts: readonly PackageDoubt[];
      /** Components of a manifest that have a config and no weights. */
      readonly absent: readonly string[];
      /** The dtype of transformers.js, where it decides which graphs are fetched. */
      readonly label?: string;
    }
  | { readonly kind: "several"; readonly candidates: readonly Unit[] }
  | { readonly kind: "none" };

export type SelectedPackage = Extract<Selection, { kind: "package" }>;

export const NOTHING: Selection = { kind: "none" };

/** Build the selection of some units, and of others of their families. */
export function selectUnits(
  units: readonly Unit[],
  rest: Partial<Omit<SelectedPackage, "kind" | "units">> = {},
): SelectedPackage {
  return { kind: "package", units, alternatives: [], isCertain: false, doubts: [], absent: [], ...rest };
}
