/** What do the stored tensors stand for? */

import { countElements, type Tensor } from "../../format/tensor.ts";
import type { Note } from "../../notes.ts";
import type { Config } from "../config.ts";
import { gatherEvidence, type Evidence } from "./evidence.ts";
import { FAMILIES } from "./families.ts";
import type { AuxiliaryReason, Family, Packing } from "./family.ts";
import { groupByModule, plainName, splitName, type PackedModule } from "./modules.ts";

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

  const unpacked: UnpackedTensor[] = [];
  const auxiliary: { tensor: Tensor; reason: AuxiliaryReason }[] = [];
  const unknown: Tensor[] = [];
  for (const tensor of tensors) {
    const claim = claims.get(tensor);
    if (claim === undefined) {
      unpacked.push({ ...tensor, packing: null });
      if (looksPacked(tensor)) unknown.push(tensor);
    } else if ("unpacked" in claim) unpacked.push(claim.unpacked);
    else auxiliary.push({ tensor, reason: claim.reason });
  }
  return { tensors: unpacked, auxiliary, notes: describeUnknown(unknown), certain: unknown.length === 0 };
}

function claimModule(module: PackedModule, evidence: Evidence, claims: Map<Tensor, Claim>): void {
  for (const [leaf, packed] of module.tensors) {
    const families = FAMILIES_BY_LEAF.get(leaf) ?? [];
    for (const family of families) {
      const shape = family.logicalShape(packed, module, evidence);
      if (shape === null || !isPlausible(shape, evidence)) continue;
      claimTensors(family, packed, shape, module, claims);
      return;
    }
  }
}

function claimTensors(
  family: Family,
  packed: Tensor,
  shape: readonly number[],
  module: PackedModule,
  claims: Map<Tensor, Claim>,
): void {
  const { dtype, bytes } = packed;
  const name = plainName(module, packed, family.leaf);
  claims.set(packed, { unpacked: { name, shape, dtype, bytes, packing: family.packing } });
  for (const [leaf, tensor] of module.tensors) {
    const reason = family.auxiliary.get(leaf);
    if (reason !== undefined) claims.set(tensor, { reason });
  }
}

/** Whether a model of this config may have a weight of this shape: one of the two dimensions has to be known to it. */
function isPlausible(shape: readonly number[], evidence: Evidence): boolean {
  if (countElements(shape) === null) return false;
  return (
    evidence.dimensions.size === 0 || shape.slice(-2).some((dimension) => evidence.dimensions.has(dimension))
  );
}

const PACKED_DTYPES = new Set(["I8", "U8", "I16", "U16", "I32", "U32"]);

/** Integer matrices that are what they say: causal masks (GPT-2), positions (BERT), Swin's relative position index. */
const INTEGER_BUFFERS = /(?:^bias|mask|_ids|index)$/;

/** Whether a tensor that no family has claimed may yet hold packed weights. */
function looksPacked(tensor: Tensor): boolean {
  if (!PACKED_DTYPES.has(tensor.dtype) || tensor.shape.length < 2) return false;
  const [, leaf] = splitName(tensor.name);
  return !INTEGER_BUFFERS.test(leaf);
}

function describeUnknown(unknown: readonly Tensor[]): readonly Note[] {
  const [first, ...others] = unknown;
  if (first === undefined) return [];
  const also = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const message = `${first.name}${also} holds weights in a packing that llm-size does not know, so stored elements are counted.`;
  return [{ code: "PACKING_UNKNOWN", message }];
}
