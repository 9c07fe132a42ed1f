/** A model before and after a technique, in weights and config. Bytes, never quality. */
import type { Unknown } from "../contract/unknown.ts";
import { unknown } from "../contract/unknown.ts";
import type { ClassifiedTensors } from "../model/classify-tensors.ts";
import { classifyRole } from "../model/roles.ts";
import type { Weight } from "../model/weight.ts";
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
export interface StoredCopy extends Weight {
  readonly bytes: number;
}

/** The remaining download after some techniques. */
export interface Variant extends LogicalModel {
  /** How the matrices of the transformer blocks are pruned; null where all of their values are stored. */
  readonly sparsity: Sparsity | null;
  /** Layers are stored once and computed several times, which only a class made for it does. */
  readonly sharesLayers: boolean;
  /** Downloaded in addition to the weights. */
  readonly adapter: AdapterFile | null;
}

/** A change of shape: one matrix for all that are alike, its layer number written `*`. */
export interface ShapeChange {
  readonly name: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The result of a technique, before its sizes are computed. */
export interface Transform {
  readonly name: string;
  /** What the result was computed from. */
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  readonly variant: Variant;
  readonly shapes?: readonly ShapeChange[];
  /** How the numbers are computed. */
  readonly arithmetic: string | null;
  /** What the bytes do not show. */
  readonly caveat: string | null;
}

/** Return the model before any technique. */
export function startVariant({ weights, config }: LogicalModel): Variant {
  return { weights, config, sparsity: null, sharesLayers: false, adapter: null };
}

/** List the matrices that are stored twice; the bias of 30,000 that albert/albert-base-v2 stores twice is too small to show. */
export function listStoredCopies({ excluded }: Pick<ClassifiedTensors, "excluded">): StoredCopy[] {
  return excluded.flatMap(({ tensor: { name, shape, dtype, bytes, sharedWith }, reason }) => {
    // PyTorch stores shared tensors once.
    if (reason !== "tied" || shape.length < 2 || typeof sharedWith === "string") return [];
    return [{ name, shape, dtype, bytes, parameters: countElements(shape), role: classifyRole(name) }];
  });
}

/** Why an adapter is not reduced. */
export const IS_ADAPTER: Unknown = unknown("it is an adapter; reduce its base model instead");
