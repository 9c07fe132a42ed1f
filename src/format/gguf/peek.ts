import { createByteCursor, TruncatedError } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { parseMetadata, type GgufValue } from "./metadata.ts";

/** The facts in the first kilobytes of a GGUF file, which come before its vocabulary. */
export interface GgufPeek {
  readonly architecture: string | null;
  /** `general.type`: `model`, `adapter`, `imatrix`. */
  readonly type: string | null;
  readonly blocks: number | null;
  readonly tensors: number;
  /** How many files the model is split into. */
  readonly splits: number;
}

export const PEEK_BYTES = 16_000;

/** Parse the beginning of a GGUF file; null where it is not one. */
export function peekGguf(bytes: Uint8Array): GgufPeek | null {
  const metadata = new Map<string, GgufValue>();
  try {
    const start = createByteCursor(bytes);
    if (start.text(4) !== "GGUF") return null;
    // The version is a small number, so its low half is zero only in the other byte order.
    const cursor = createByteCursor(bytes, Infinity, bytes[4] !== 0 || bytes[5] !== 0);
    cursor.skip(4);
    const readLength = cursor.u32() === 1 ? () => cursor.u32() : () => cursor.length64();
    const tensors = readLength();
    const pairs = readLength();
    try {
      for (let pair = 0; pair < pairs; pair++)
        for (const [key, value] of parseMetadata(cursor, readLength, 1)) metadata.set(key, value);
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
    }
    return describePeek(metadata, tensors);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function describePeek(metadata: ReadonlyMap<string, GgufValue>, tensors: number): GgufPeek {
  const text = (key: string) => {
    const value = metadata.get(key);
    return typeof value === "string" ? value : null;
  };
  const number = (key: string) => {
    const value = metadata.get(key);
    return typeof value === "number" ? value : null;
  };
  const architecture = text("general.architecture");
  return {
    architecture,
    type: text("general.type"),
    blocks: number(`${architecture}.block_count`),
    tensors,
    splits: number("split.count") ?? 1,
  };
}
