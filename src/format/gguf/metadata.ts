import type { ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";

export type GgufValue = string | number | boolean | readonly number[];

/** Counts and lengths have 32 bits in version 1 and 64 since. */
export type ReadLength = () => number;

/** Chat templates and vocabularies are larger; the size of a vocabulary is known from the embedding too. */
const MAX_KEPT_STRING_BYTES = 1_000;
const MAX_KEPT_ITEMS = 1_000;
/** Arrays of arrays are allowed; no known file has them. */
const MAX_ARRAY_DEPTH = 4;

/** Value types, from `gguf_type` of ggml/include/gguf.h (ggml-org/llama.cpp). */
const STRING = 8;
const ARRAY = 9;
const SCALARS: Readonly<
  Record<number, { bytes: number; read: (cursor: ByteCursor) => number | boolean | null }>
> = {
  0: { bytes: 1, read: (cursor) => cursor.u8() },
  1: { bytes: 1, read: (cursor) => cursor.i8() },
  2: { bytes: 2, read: (cursor) => cursor.u16() },
  3: { bytes: 2, read: (cursor) => cursor.i16() },
  4: { bytes: 4, read: (cursor) => cursor.u32() },
  5: { bytes: 4, read: (cursor) => cursor.i32() },
  6: { bytes: 4, read: (cursor) => cursor.f32() },
  7: { bytes: 1, read: (cursor) => cursor.u8() !== 0 },
  10: { bytes: 8, read: (cursor) => cursor.u64() },
  11: { bytes: 8, read: (cursor) => cursor.i64() },
  12: { bytes: 8, read: (cursor) => cursor.f64() },
};

/**
 * Read the key-value pairs of a header. Keep numbers, flags, short strings, and short arrays of numbers, such as
 * OpenELM's `attention.head_count_kv` with one number per layer; skip larger values without building them.
 */
export function parseMetadata(
  cursor: ByteCursor,
  readLength: ReadLength,
  pairs: number,
): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let pair = 0; pair < pairs; pair++) {
    const key = cursor.text(readLength());
    const value = parseValue(cursor, readLength, cursor.u32());
    if (value !== null) metadata.set(key, value);
  }
  return metadata;
}

/** Read one value; null if it is not kept. */
function parseValue(cursor: ByteCursor, readLength: ReadLength, type: number): GgufValue | null {
  if (type === ARRAY) return parseArray(cursor, readLength, 1);
  if (type !== STRING) return findScalar(type).read(cursor);
  const length = readLength();
  if (length <= MAX_KEPT_STRING_BYTES) return cursor.text(length);
  cursor.skip(length);
  return null;
}

function parseArray(cursor: ByteCursor, readLength: ReadLength, depth: number): readonly number[] | null {
  const type = cursor.u32();
  const items = readLength();
  if (type === ARRAY) {
    if (depth === MAX_ARRAY_DEPTH) throw new MalformedError("its metadata nests arrays too deep");
    for (let item = 0; item < items; item++) parseArray(cursor, readLength, depth + 1);
    return null;
  }
  if (type === STRING) {
    for (let item = 0; item < items; item++) cursor.skip(readLength());
    return null;
  }
  const scalar = findScalar(type);
  if (items > MAX_KEPT_ITEMS) {
    cursor.skip(items * scalar.bytes);
    return null;
  }
  // Flags as 0 and 1: Gemma 3n's `attention.sliding_window_pattern`.
  const values = Array.from({ length: items }, () => {
    const value = scalar.read(cursor);
    return typeof value === "boolean" ? Number(value) : value;
  });
  return values.every((value) => typeof value === "number") ? values : null;
}

function findScalar(type: number) {
  const scalar = SCALARS[type];
  if (!scalar) throw new MalformedError(`its metadata has a value of type ${type}, which GGUF does not have`);
  return scalar;
}
