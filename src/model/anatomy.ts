/** What is in a checkpoint: which stored arrays are weights, and which are not and why. */
import { LlmSizeError } from "../errors.ts";
import { DTYPE_BITS } from "../source/tensor.ts";
import { countElements, type Tensor } from "../format/tensor.ts";
import type { Note } from "../notes.ts";
import { isBuffer } from "./buffers.ts";
import type { Config } from "../format/config.ts";
import { unpackTensors, type AuxiliaryReason, type Packing, type UnpackedTensor } from "./packing/unpack.ts";
import { findPredictionLayers } from "./prediction-layers.ts";
import { classifyRole } from "./roles.ts";
import { findTies, type Ties } from "./ties.ts";
import type { Weight } from "./weight.ts";

/** Why a stored array is no weight of its own. */
export type LeftOutReason = AuxiliaryReason | "buffer" | "tied" | "duplicate";

/** Tensors of one packing. */
export interface Unpacking {
  readonly packing: Packing;
  readonly tensors: number;
  readonly storedBytes: number;
  readonly parameters: number;
}

export interface Anatomy {
  /** Every logical weight once. */
  readonly weights: readonly Weight[];
  readonly leftOut: readonly { readonly tensor: Tensor; readonly reason: LeftOutReason }[];
  /** How packed tensors were unpacked. */
  readonly unpacked: readonly Unpacking[];
  /** What naive counting gives: the product of shapes of everything stored. */
  readonly storedElements: number;
  /** False when a packing is not understood: the weights are then what is stored, and no gate may trust them. */
  readonly certain: boolean;
  readonly notes: readonly Note[];
}

/** The stored arrays of one part of a model; a part is unpacked by its own config. */
export interface StoredPart {
  readonly folder: string;
  readonly tensors: readonly Tensor[];
  readonly config: Config | null;
}

/** A thousand times the largest model; at 4 bytes each, and a scale beside it, sums are still exact. */
const MAX_ELEMENTS = 2 ** 50;

/**
 * Tells weights from scales, buffers and copies. Names of a part in a folder begin with it (`unet.conv_in.weight`).
 * `model` names the model in errors.
 */
export function describeAnatomy(model: string, parts: readonly StoredPart[]): Anatomy {
  const anatomies = parts.map((part) => describePart(model, part));
  const storedElements = anatomies.reduce((sum, part) => sum + part.storedElements, 0);
  const weights = anatomies.flatMap((part) => part.weights);
  const parameters = weights.reduce((sum, weight) => sum + weight.parameters, 0);
  if (Math.max(storedElements, parameters) > MAX_ELEMENTS) throw tooManyElements(model);
  return {
    weights,
    leftOut: anatomies.flatMap(({ leftOut }) => leftOut),
    unpacked: anatomies.flatMap(({ unpacked }) => unpacked),
    storedElements,
    certain: anatomies.every(({ certain }) => certain),
    notes: anatomies.flatMap(({ notes }) => notes),
  };
}

function describePart(model: string, { folder, tensors, config }: StoredPart): Anatomy {
  const leftOut: { tensor: Tensor; reason: LeftOutReason }[] = [];
  const distinct = new Map<string, Tensor>();
  for (const tensor of tensors) {
    const first = distinct.get(tensor.name);
    if (typeof tensor.sharedWith === "string") leftOut.push({ tensor, reason: "tied" });
    else if (!first) distinct.set(tensor.name, tensor);
    else if (first.shape.join() === tensor.shape.join()) leftOut.push({ tensor, reason: "duplicate" });
    else throw malformed(model, `${tensor.name} is stored twice with different shapes`);
  }

  const unpacked = unpackTensors([...distinct.values()], config);
  leftOut.push(...unpacked.auxiliary);
  const plain = unpacked.tensors.filter((tensor) => {
    if (tensor.packing !== null || !unpacked.certain || !isBuffer(tensor)) return true;
    leftOut.push({ tensor, reason: "buffer" });
    return false;
  });

  const ties = findTies(plain, config);
  const isPrediction = findPredictionLayers(config);
  const prefix = folder === "" ? "" : `${folder.replaceAll("/", ".")}.`;
  const weights: Weight[] = [];
  for (const tensor of plain) {
    if (ties.copies.has(tensor.name)) leftOut.push({ tensor, reason: "tied" });
    else weights.push(toWeight(model, prefix, tensor, isPrediction(tensor.name)));
  }
  return {
    weights,
    leftOut,
    unpacked: sumUnpacked(unpacked.tensors),
    storedElements: sumExactly(model, tensors),
    certain: unpacked.certain,
    notes: [
      ...unpacked.notes,
      ...describeTies(ties),
      ...describePrediction(weights),
      ...describeUnknownDtypes(weights),
    ],
  };
}

function toWeight(
  model: string,
  prefix: string,
  { name, shape, dtype }: Tensor,
  isPrediction: boolean,
): Weight {
  const parameters = countElements(shape);
  if (parameters === null) throw malformed(model, `${name} has more than 2^53 weights`);
  return {
    name: prefix + name,
    shape,
    dtype,
    role: isPrediction ? "mtp" : classifyRole(prefix + name),
    parameters,
  };
}

function sumUnpacked(tensors: readonly UnpackedTensor[]): Unpacking[] {
  const sums = new Map<Packing, { tensors: number; storedBytes: number; parameters: number }>();
  for (const { packing, shape, bytes } of tensors) {
    if (packing === null) continue;
    const sum = sums.get(packing) ?? { tensors: 0, storedBytes: 0, parameters: 0 };
    sums.set(packing, sum);
    sum.tensors++;
    sum.storedBytes += bytes;
    sum.parameters += countElements(shape) ?? 0;
  }
  return [...sums].map(([packing, sum]) => ({ packing, ...sum }));
}

function describeTies({ copies, doubtful }: Ties): Note[] {
  const notes: Note[] = [];
  const heads = [...copies].filter((name) => classifyRole(name) === "head" && !name.endsWith("bias"));
  if (heads.length > 0)
    notes.push({
      code: "TIED_HEAD_STORED",
      message: `${heads.join(", ")} repeats the embedding; counted once`,
    });
  if (doubtful !== null)
    notes.push({
      code: "HEAD_MAYBE_TIED",
      message: `${doubtful} has the embedding's shape and config.json does not say whether it is a copy; counted as weights`,
    });
  return notes;
}

/** People often mean a model without them. */
function describePrediction(weights: readonly Weight[]): Note[] {
  const parameters = weights.reduce(
    (sum, weight) => sum + (weight.role === "mtp" ? weight.parameters : 0),
    0,
  );
  if (parameters === 0) return [];
  const message = `${parameters} of its parameters are layers for multi-token prediction, which a size by name leaves out`;
  return [{ code: "MTP_COUNTED", message }];
}

/** A dtype of a later version of a format: its bytes are known, what its elements stand for is not. */
function describeUnknownDtypes(weights: readonly Weight[]): Note[] {
  const unknown = weights.find(({ dtype }) => !Object.hasOwn(DTYPE_BITS, dtype) && !GGUF_DTYPE.test(dtype));
  if (!unknown) return [];
  const message = `${unknown.name.slice(0, 100)} is stored as ${unknown.dtype.slice(0, 20)}, which llm-size does not know; its elements are counted`;
  return [{ code: "DTYPE_UNKNOWN", message }];
}

const GGUF_DTYPE = /^(?:I?Q|TQ|MXFP|NVFP)\d/;

/** Sums element counts; more than 2^53 − 1 in all is a malformed model, not a rounded number. */
function sumExactly(model: string, tensors: readonly Tensor[]): number {
  let total = 0;
  for (const { shape } of tensors) {
    const elements = countElements(shape);
    if (elements === null || total + elements > MAX_ELEMENTS) throw tooManyElements(model);
    total += elements;
  }
  return total;
}

function tooManyElements(model: string): LlmSizeError {
  return malformed(model, "the tensors have more than 2^50 elements in all");
}

function malformed(model: string, reason: string): LlmSizeError {
  return new LlmSizeError("MALFORMED_WEIGHTS", { model, path: "the checkpoint", reason });
}
