import type { Tensor } from "../../format/tensor.ts";
import type { Evidence } from "./evidence.ts";
import type { PackedModule } from "./modules.ts";

/** The layouts in which packed weights are stored. */
export const PACKINGS = ["mxfp4-blocks"] as const;

export type Packing = (typeof PACKINGS)[number];

/** Why a stored array is no parameter: it only helps to unpack one. */
export const AUXILIARY_REASONS = [
  "scale",
  "zero-point",
  "index",
  "codebook",
  "metadata",
  "zero-bias",
] as const;

export type AuxiliaryReason = (typeof AUXILIARY_REASONS)[number];

/** One packed layout: where a module keeps its weights, and what stands beside them. */
export interface Family {
  readonly packing: Packing;
  /** Which tensor of a module holds the packed weights. */
  readonly leaf: string;
  /** The tensors beside it that are no parameters. */
  readonly auxiliary: ReadonlyMap<string, AuxiliaryReason>;
  /**
   * The dimensions of the plain weight, or null where the tensors of the module do not agree on this layout.
   * A family claims nothing by name alone: some neighbor's shape has to bear it out.
   */
  logicalShape(packed: Tensor, module: PackedModule, evidence: Evidence): readonly number[] | null;
}
