import type { Tensor } from "../../format/tensor.ts";
import type { PackingHints } from "./hints.ts";
import type { PackedModule } from "./modules.ts";

/** Why a stored array is not a parameter: it only helps to unpack one. */
export type AuxiliaryReason = "scale" | "zero-point" | "index" | "codebook" | "metadata" | "zero-bias";

/** Last parts of names, separated by spaces. */
export type AuxiliaryTensors = Readonly<Partial<Record<AuxiliaryReason, string>>>;

/** One way to pack weights: which tensor of a module holds them, and which tensors help to unpack it. */
export interface PackingFormat {
  /** The name in `explain`, such as `gptq`; null where the weights are stored unpacked and only need their scales set apart. */
  readonly name: string | null;
  /** Last part of the name of the tensor that holds the packed weights: `qweight`. */
  readonly leaf: string;
  /** Other tensors of the module that are not parameters: `{ scale: "scales" }`. */
  readonly auxiliary: AuxiliaryTensors;
  /** True where its tools have stored a bias of zeros for every weight. */
  readonly mayStoreZeroBias?: true;
  /**
   * Return the dimensions of the unpacked weight, or null where the tensors of the module contradict this format.
   * A name alone is not enough: the shape of at least one other tensor has to agree.
   */
  inferShape(packed: Tensor, module: PackedModule, hints: PackingHints): readonly number[] | null;
}
