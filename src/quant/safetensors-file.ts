import { countElements } from "../format/tensor.ts";
import type { Weight } from "../model/weight.ts";
import type { Prediction } from "./scheme.ts";

/** The dtypes that quantizing tools write, in the order in which the format sorts them: last first. */
const DTYPES = ["U8", "I8", "F8_E4M3", "I16", "F16", "BF16", "I32", "U32", "F32", "I64"] as const;

export type StoredDtype = (typeof DTYPES)[number];

/** Bytes per element. */
const WIDTHS = {
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  I16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
} as const satisfies Record<StoredDtype, number>;

/** One array of a file. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
}

/** A weight and the arrays that it becomes: packed bits, scales, zero points. */
export interface StoredWeight {
  readonly weight: Weight;
  /** What the tool calls it: `nf4`, `BF16`. */
  readonly type: string;
  readonly arrays: readonly StoredTensor[];
}

/** Predict a file of these weights, header included. */
export function predictSafetensors(
  stored: readonly StoredWeight[],
  format?: string,
): Pick<Prediction, "bytes" | "largestArrayBytes" | "parameters" | "listTensors"> {
  return {
    bytes: computeSafetensorsBytes(
      stored.flatMap(({ arrays }) => arrays),
      format,
    ),
    largestArrayBytes: null,
    parameters: stored.reduce((sum, { weight }) => sum + weight.parameters, 0),
    listTensors: () =>
      stored.map(({ weight, type, arrays }) => ({
        name: weight.name,
        type,
        weights: weight.parameters,
        bytes: arrays.reduce((sum, array) => sum + countBytes(array), 0),
      })),
  };
}

/**
 * Compute the exact size of a file with these arrays: 8 bytes, a header of JSON padded with spaces to a multiple of
 * 8, and the arrays without gaps (huggingface/safetensors, safetensors/src/tensor.rs, `prepare`). A sharded checkpoint
 * is some 40 bytes per shard larger.
 */
export function computeSafetensorsBytes(tensors: readonly StoredTensor[], format = "pt"): number {
  let headerBytes = `{"__metadata__":{"format":"${format}"}}`.length;
  let offset = 0;
  for (const tensor of tensors.toSorted(compareStoredTensors)) {
    const { name, dtype, shape } = tensor;
    const end = offset + countBytes(tensor);
    if (!Number.isSafeInteger(end)) throw new RangeError("the file would pass 2^53 bytes");
    const commas = Math.max(0, shape.length - 1);
    headerBytes += ARRAY_BYTES + countJsonBytes(name) + dtype.length + commas;
    for (const number of [...shape, offset, end]) headerBytes += countDigits(number);
    offset = end;
  }
  return 8 + Math.ceil(headerBytes / 8) * 8 + offset;
}

/** The part of the header that is the same for every array: all but its name, its dtype and its numbers. */
const ARRAY_BYTES = ',:{"dtype":"","shape":[],"data_offsets":[,]}'.length;

function countDigits(whole: number): number {
  let digits = 1;
  for (let power = 10; whole >= power; power *= 10) digits += 1;
  return digits;
}

/** Count the bytes of a text in JSON. */
function countJsonBytes(text: string): number {
  return UNCHANGED.test(text) ? text.length + 2 : new TextEncoder().encode(JSON.stringify(text)).length;
}

/** ASCII that JSON does not escape: every name of a published tensor. */
const UNCHANGED = /^[ !#-[\]-~]*$/;

function countBytes({ dtype, shape }: StoredTensor): number {
  return (countElements(shape) ?? Infinity) * WIDTHS[dtype];
}

/** Only the number of digits in the offsets depends on the order. */
function compareStoredTensors(a: StoredTensor, b: StoredTensor): number {
  const byDtype = a.dtype === b.dtype ? 0 : DTYPES.indexOf(b.dtype) - DTYPES.indexOf(a.dtype);
  return byDtype || (a.name < b.name ? -1 : 1);
}
