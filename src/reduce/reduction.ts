import type { Technique } from "../contract/terms.ts";
/** What would make it smaller: what each technique leaves to download. Bytes, never quality. */
import type { Quantization } from "../quant/quantization.ts";
import type { LogicalModel } from "../quant/scheme.ts";
import type { Size } from "../quant/sizes.ts";
import type { AdapterFile } from "./adapter-file.ts";
import type { Sparsity } from "./sparsity.ts";
import type { StoredCopy } from "./stored-copies.ts";

/** As many fine-tuned models as nobody keeps. */
export const MAX_TASKS = 9_999;

/** The model as it is, which every technique starts from. */
export interface Original extends LogicalModel {
  /** Its name in sentences. */
  readonly id: string;
  readonly copies: readonly StoredCopy[];
}

/** What is left to download after some techniques. */
export interface Reduced extends LogicalModel {
  /** How the matrices of the transformer blocks are thinned out; null where all of their values are stored. */
  readonly sparsity: Sparsity | null;
  /** Layers are stored once and computed several times, which only a class made for it does. */
  readonly sharesLayers: boolean;
  /** Downloaded beside the weights. */
  readonly adapter: AdapterFile | null;
}

/** Why a technique cannot be applied: better no number than a wrong one. */
export interface Refusal {
  readonly reason: string;
}

/** Bytes of one row in one quantization. */
export type ReducedSize = Pick<Size, "quantization" | "bytes" | "basis" | "errorBand" | "reason">;

/** A change of shape: one matrix for all that are alike, its layer number written `*`. */
export interface ShapeChange {
  readonly name: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** One way to reduce the model: a row of the report. */
export interface Reduction {
  readonly technique: Technique;
  readonly name: string;
  /** What the row was computed from. */
  readonly inputs: Readonly<Record<string, string | number | boolean | null>>;
  /** Parameters left to download; null where it is refused. */
  readonly parameters: number | null;
  /** Arrays in the file, where these are known one by one: adapters. */
  readonly tensors: number | null;
  readonly sizes: readonly ReducedSize[];
  readonly shapes: readonly ShapeChange[];
  /** How the numbers come about. */
  readonly arithmetic: string | null;
  /** What the bytes do not say. */
  readonly caveat: string | null;
  /** Why it is refused; null where it is not. */
  readonly reason: string | null;
}

/** What is asked of every technique. */
export interface ReductionRequest {
  /** The sizes of every row. */
  readonly quantizations: readonly Quantization[];
}

/** What a technique did, before its sizes are worked out. */
export interface Change extends Pick<Reduction, "name" | "inputs" | "arithmetic" | "caveat"> {
  readonly reduced: Reduced;
  readonly shapes?: readonly ShapeChange[];
}

export function isRefusal(outcome: object): outcome is Refusal {
  return "reason" in outcome && typeof outcome.reason === "string";
}

/** A row that says why there are no numbers. */
export function refuse(technique: Technique, name: string, reason: string): Reduction {
  return {
    technique,
    name,
    inputs: {},
    parameters: null,
    tensors: null,
    sizes: [],
    shapes: [],
    arithmetic: null,
    caveat: null,
    reason,
  };
}

/** The model before anything was done to it. */
export function startReducing({ weights, config }: LogicalModel): Reduced {
  return { weights, config, sparsity: null, sharesLayers: false, adapter: null };
}

export function sumParameters(weights: readonly { readonly parameters: number }[]): number {
  return weights.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** 2,506,172,416 */
export function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
