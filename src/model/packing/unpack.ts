/** Turn stored tensors, packed or not, into those of the plain model. */

import { countElements, type Tensor } from "../../format/tensor.ts";
import type { Note } from "../../notes.ts";
import type { Config } from "../../format/config.ts";
import { readPackingHints, type PackingHints } from "./hints.ts";
import { groupByModule, nameOfWeight, type PackedModule } from "./modules.ts";
import type { AuxiliaryReason, PackingFormat } from "./packing-format.ts";
import { isSameShape } from "./shapes.ts";
import { isCacheScale, looksPacked } from "./unclaimed.ts";
import { hasZeroBias } from "./zero-bias.ts";

/** One array of the plain model. */
export interface UnpackedTensor {
  /** The name of the plain weight: `….q_proj.weight`, also where the file holds `….q_proj.qweight`. */
  readonly name: string;
  /** Logical dimensions. */
  readonly shape: readonly number[];
  /** As stored: `I32`, `U8`. */
  readonly dtype: string;
  /** The stored bytes of the packed array itself. */
  readonly bytes: number;
  /** The name of its packing format; null where it is stored unpacked. */
  readonly packing: string | null;
}

export interface Unpacked {
  readonly tensors: readonly UnpackedTensor[];
  /** Stored arrays that are not parameters: they only help to unpack some. */
  readonly auxiliary: readonly { readonly tensor: Tensor; readonly reason: AuxiliaryReason }[];
  readonly notes: readonly Note[];
  /** False where a packing is unknown: its tensors are given as stored, so their count is not a parameter count. */
  readonly certain: boolean;
}

type Claim = { readonly unpacked: UnpackedTensor } | { readonly reason: AuxiliaryReason };

/** Unpack the tensors of a checkpoint, in their order. */
export function unpackTensors(
  tensors: readonly Tensor[],
  config: Config | null,
  formats: readonly PackingFormat[],
): Unpacked {
  const hints = readPackingHints(config);
  const byLeaf = groupByLeaf(formats);
  const claims = new Map<Tensor, Claim>();
  if (formats.length > 0)
    for (const module of groupByModule(tensors).values()) claimModule(module, byLeaf, { hints, claims });
  const isQuantized = claims.size > 0 || hints.quantization !== null;

  const unpacked: UnpackedTensor[] = [];
  const auxiliary: { tensor: Tensor; reason: AuxiliaryReason }[] = [];
  const unknown: Tensor[] = [];
  for (const tensor of tensors) {
    const claim = claims.get(tensor);
    if (claim !== undefined && "unpacked" in claim) unpacked.push(claim.unpacked);
    else if (claim !== undefined) auxiliary.push({ tensor, reason: claim.reason });
    else if (isQuantized && isCacheScale(tensor)) auxiliary.push({ tensor, reason: "scale" });
    else {
      const { name, shape, dtype, bytes } = tensor;
      unpacked.push({ name, shape, dtype, bytes, packing: null });
      if (looksPacked(tensor)) unknown.push(tensor);
    }
  }
  return { tensors: unpacked, auxiliary, notes: buildNotes(unknown), certain: unknown.length === 0 };
}

interface IndexedFormat extends PackingFormat {
  /** By the last part of a tensor's name. */
  readonly reasons: ReadonlyMap<string, AuxiliaryReason>;
}

function groupByLeaf(formats: readonly PackingFormat[]): ReadonlyMap<string, readonly IndexedFormat[]> {
  const byLeaf = new Map<string, IndexedFormat[]>();
  for (const format of formats) {
    const entries = Object.entries(format.auxiliary) as [AuxiliaryReason, string][];
    const reasons = entries.flatMap(([reason, leaves]) =>
      leaves.split(/\s+/).map((leaf) => [leaf, reason] as const),
    );
    const others = byLeaf.get(format.leaf) ?? [];
    byLeaf.set(format.leaf, [...others, { ...format, reasons: new Map(reasons) }]);
  }
  return byLeaf;
}

/** Claim the tensors of a module for the first format that fits. */
function claimModule(
  module: PackedModule,
  formats: ReadonlyMap<string, readonly IndexedFormat[]>,
  { hints, claims }: { readonly hints: PackingHints; readonly claims: Map<Tensor, Claim> },
): void {
  for (const [leaf, packed] of module.tensors) {
    // FP-Quant can store the plain weight as well: counting both would count it twice.
    if (leaf !== "weight" && module.tensors.has("weight")) continue;
    for (const format of formats.get(leaf) ?? []) {
      const shape = format.inferShape(packed, module, hints);
      if (shape === null) continue;
      if (!isPlausible(shape, packed, hints)) return;
      const { dtype, bytes } = packed;
      const name = nameOfWeight(module, packed, leaf);
      claims.set(packed, { unpacked: { name, shape, dtype, bytes, packing: format.name } });
      const hasZeros = format.mayStoreZeroBias === true && hasZeroBias(module.name, hints);
      for (const [other, tensor] of module.tensors) {
        const reason = other === "bias" && hasZeros ? "zero-bias" : format.reasons.get(other);
        if (reason !== undefined && fitsWeight(tensor, reason, shape)) claims.set(tensor, { reason });
      }
      return;
    }
  }
}

/** Groups have two weights or more: a scale or a zero point per weight is an array by a misleading name. */
function fitsWeight(tensor: Tensor, reason: AuxiliaryReason, shape: readonly number[]): boolean {
  if (reason !== "scale" && reason !== "zero-point") return true;
  const elements = countElements(tensor.shape) ?? Infinity;
  return elements <= 1 || 2 * elements <= (countElements(shape) ?? 0);
}

/**
 * True where a model of this config may have a weight of this shape: one of its dimensions has to be known. One long row
 * stands for an unknown shape, of which only the count is known.
 */
function isPlausible(shape: readonly number[], packed: Tensor, { dimensions }: PackingHints): boolean {
  const elements = countElements(shape);
  if (elements === null || elements === 0) return false;
  if (dimensions.size === 0 || isSameShape(shape, packed.shape) || shape[0] === 1) return true;
  return shape.slice(-2).some((dimension) => dimensions.has(dimension));
}

function buildNotes(unknown: readonly Tensor[]): readonly Note[] {
  const [first, ...others] = unknown;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const message = `${first.name}${more}: packed in a way that llm-size does not know; counted as stored`;
  return [{ code: "PACKING_UNKNOWN", message }];
}
