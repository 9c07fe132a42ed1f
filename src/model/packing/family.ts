import type { Tensor } from "../../format/tensor.ts";
import type { Evidence } from "./evidence.ts";
import type { PackedModule } from "./modules.ts";

/** The layouts in which weights are stored when not as they are. */
export const PACKINGS = [
  "mxfp4-blocks",
  "gptq",
  "awq",
  "marlin",
  "marlin-24",
  "bitsandbytes-4bit",
  "bitsandbytes-int8",
  "compressed-tensors",
  "sparse-bitmask",
  "nvfp4",
  "mxfp4",
  "mxfp6",
  "fp8",
  "fp6",
  "fp4",
  "int8",
  "eetq",
  "modelopt-int4",
  "quark-int4",
  "bitnet",
  "hqq",
  "exl2",
  "exl3",
  "aqlm",
  "vptq",
  "torchao",
  "quanto",
  "mlx",
] as const;

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
  /** Null: the weights are stored as they are, and only their neighbors are no parameters. */
  readonly packing: Packing | null;
  /** Which tensor of a module holds the packed weights. */
  readonly leaf: string;
  /** The tensors beside it that are no parameters. */
  readonly auxiliary: ReadonlyMap<string, AuxiliaryReason>;
  /** Whether its tools have stored a bias of zeros for every weight. */
  readonly mayStoreZeroBias?: true;
  /**
   * The dimensions of the plain weight, or null where the tensors of the module do not agree on this layout.
   * A family claims nothing by name alone: some neighbor's shape has to bear it out.
   */
  logicalShape(packed: Tensor, module: PackedModule, evidence: Evidence): readonly number[] | null;
}
