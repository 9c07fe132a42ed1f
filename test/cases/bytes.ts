/** Bytes of made files: buffers and holes, so that a model of 70 GB takes no room. */
import type { ByteSource } from "../hub/bytes.ts";

/** A buffer, or a number of zero bytes. */
export type Chunk = Uint8Array | number;

export const lengthOf = (chunk: Chunk): number => (typeof chunk === "number" ? chunk : chunk.length);
export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
export const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);
export const totalOf = (chunks: readonly Chunk[]): number => sum(chunks.map(lengthOf));

/** Build a source of the bytes of chunks, one after another. */
export function sourceOf(chunks: readonly Chunk[]): ByteSource {
  const size = totalOf(chunks);
  return {
    size,
    slice(begin, end) {
      const out = new Uint8Array(Math.max(0, Math.min(end, size) - begin));
      let at = 0;
      for (const chunk of chunks) {
        const length = lengthOf(chunk);
        if (typeof chunk !== "number" && at < end && at + length > begin)
          out.set(
            chunk.subarray(Math.max(0, begin - at), Math.min(length, end - at)),
            Math.max(0, at - begin),
          );
        at += length;
      }
      return out;
    },
  };
}

function bytesOf(length: number, write: (buffer: Buffer) => void): Buffer {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}

export const u16 = (n: number): Buffer => bytesOf(2, (buffer) => buffer.writeUInt16LE(n));
export const u32 = (n: number): Buffer => bytesOf(4, (buffer) => buffer.writeUInt32LE(n >>> 0));
export const u64 = (n: number): Buffer => bytesOf(8, (buffer) => buffer.writeBigInt64LE(BigInt(n)));
export const f32 = (n: number): Buffer => bytesOf(4, (buffer) => buffer.writeFloatLE(n));
export const f64 = (n: number): Buffer => bytesOf(8, (buffer) => buffer.writeDoubleBE(n));

/** A protobuf number of 7 bits per byte. */
export function varint(n: number): Buffer {
  const bytes = [];
  for (; n >= 128; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return Buffer.from([...bytes, n]);
}
