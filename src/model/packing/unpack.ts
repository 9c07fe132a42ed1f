/** What do the stored tensors stand for? */

import { countElements, type Tensor } from "../../format/tensor.ts";
import type { Note } from "../../notes.ts";
import type { Config } from "../../format/config.ts";
import { gatherEvidence, type Evidence } from "./evidence.ts";
import { FAMILIES } from "./families.ts";
import type { AuxiliaryReason, Family, Packing } from "./family.ts";
import { groupByModule, nameOfWeight, type PackedModule } from "./modules.ts";
import { isSameShape } from "./shapes.ts";
import { isCacheScale, looksPacked } from "./unclaimed.ts";
import { hasZeroBias } from "./zero-bias.ts";

export type { AuxiliaryReason, Packing } from "./family.ts";

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
  /** Null: it is stored as it is. */
  readonly packing: Packing | null;
}

export interface Unpacked {
  readonly tensors: readonly UnpackedTensor[];
  /** Stored arrays that are no parameters: they only help to unpack some. */
  readonly auxiliary: readonly { readonly tensor: Tensor; readonly reason: AuxiliaryReason }[];
  readonly notes: readonly Note[];
  /** False where a packing is unknown: its tensors are given as stored, and their count is no parameter count. */
  readonly certain: boolean;
}

type Claim = { readonly unpacked: UnpackedTensor } | { readonly reason: AuxiliaryReason };

const FAMILIES_BY_LEAF: ReadonlyMap<string, readonly Family[]> = new Map(
  FAMILIES.map(({ leaf }) => [leaf, FAMILIES.filter((family) => family.leaf === leaf)]),
);

/** Turns the tensors of a checkpoint, packed or not, into those of the plain model. Their order is kept. */
export function unpackTensors(tensors: readonly Tensor[], config: Config | null): Unpacked {
  const evidence = gatherEvidence(config);
  const claims = new Map<Tensor, Claim>();
  for (const module of groupByModule(tensors).values()) claimModule(module, evidence, claims);
  const isQuantized = claims.size > 0 || evidence.quantization !== null;

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
  return { tensors: unpacked, auxiliary, notes: describeUnknown(unknown), certain: unknown.length === 0 };
}

function claimModule(module: PackedModule, evidence: Evidence, claims: Map<Tensor, Claim>): void {
  for (const [leaf, packed] of module.tensors) {
    // FP-Quant can store the plain weight as well: counting both would count it twice.
    if (leaf !== "weight" && module.tensors.has("weight")) continue;
    for (const family of FAMILIES_BY_LEAF.get(leaf) ?? []) {
      const shape = family.logicalShape(packed, module, evidence);
      if (shape === null) continue;
      if (isPlausible(shape, packed, evidence)) claimTensors(family, packed, shape, module, evidence, claims);
      return;
    }
  }
}

/**
 * Whether a model of this config may have a weight of this shape: one of its dimensions has to be known. One long row
 * stands for a shape that is not known, only its count is.
 */
function isPlausible(shape: readonly number[], packed: Tensor, { dimensions }: Evidence): boolean {
  const elements = countElements(shape);
  if (elements === null || elements === 0) return false;
  if (dimensions.size === 0 || isSameShape(shape, packed.shape) || shape[0] === 1) return true;
  return shape.slice(-2).some((dimension) => dimensions.has(dimension));
}

function claimTensors(
  family: Family,
  packed: Tensor,
  shape: readonly number[],
  module: PackedModule,
  evidence: Evidence,
  claims: Map<Tensor, Claim>,
): void {
  const { dtype, bytes } = packed;
  const name = nameOfWeight(module, packed, family.leaf);
  claims.set(packed, { unpacked: { name, shape, dtype, bytes, packing: family.packing } });
  for (const [leaf, tensor] of module.tensors) {
    const reason = family.auxiliary.get(leaf);
    if (reason !== undefined) claims.set(tensor, { reason });
  }
  const bias = module.tensors.get("bias");
  if (bias !== undefined && family.mayStoreZeroBias === true && hasZeroBias(module.name, evidence))
    claims.set(bias, { reason: "zero-bias" });
}

function describeUnknown(unknown: readonly Tensor[]): readonly Note[] {
  const [first, ...others] = unknown;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const message = `${first.name}${more}: packed in a way that llm-size does not know; counted as stored`;
  return [{ code: "PACKING_UNKNOWN", message }];
}
