/** A model before and after a technique, in weights and config. Bytes, never quality. */
import type { ReductionRow } from "../contract/types.ts";
import type { ClassifiedTensors } from "../model/classify-tensors.ts";
import { classifyRole } from "../model/roles.ts";
import type { Weight } from "../model/weight.ts";
import type { Quantization } from "../quant/quantization.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { AdapterFile } from "./adapter-file.ts";
import { countElements } from "./counts.ts";
import type { Sparsity } from "./sparsity.ts";

/** The unchanged model, which every technique starts from. */
export interface BaseModel extends LogicalModel {
  /** Its name in sentences. */
  readonly id: string;
  readonly copies: readonly StoredCopy[];
}

/** A matrix that the checkpoint stores a second time, such as a tied head (Qwen/Qwen3-0.6B). */
interface StoredCopy extends Weight {
  readonly bytes: number;
}

/** The remaining download after some techniques. */
export interface Variant extends LogicalModel {
  /** How the matrices of the transformer blocks are pruned; null where all of their values are stored. */
  readonly sparsity: Sparsity | null;
  /** Layers are stored once and computed several times, which only a class made for it does. */
  readonly sharesLayers: boolean;
  /** How its weights are stored; null where no technique says. */
  readonly quantization: Quantization | null;
  /** Downloaded in addition to the weights. */
  readonly adapter: AdapterFile | null;
}

/** The result of a technique, before its sizes are computed. */
export interface Transform
  extends
    Pick<ReductionRow, "name" | "inputs" | "arithmetic" | "caveat">,
    Partial<Pick<ReductionRow, "shapes">> {
  readonly variant: Variant;
}

/** Return the model before any technique. */
export function startVariant({ weights, config }: LogicalModel): Variant {
  return { weights, config, sparsity: null, sharesLayers: false, quantization: null, adapter: null };
}

/** List the matrices that are stored twice; the bias of 30,000 that albert/albert-base-v2 stores twice is too small to show. */
export function listStoredCopies({ excluded }: Pick<ClassifiedTensors, "excluded">): StoredCopy[] {
  return excluded.flatMap(({ tensor: { name, shape, dtype, bytes, sharedWith }, reason }) => {
    // PyTorch stores shared tensors once.
    if (reason !== "tied" || shape.length < 2 || typeof sharedWith === "string") return [];
    return [{ name, shape, dtype, bytes, parameters: countElements(shape), role: classifyRole(name) }];
  });
}
