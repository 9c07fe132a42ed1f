/** Bytes that can be read anywhere without being held in memory. */
export interface ByteSource {
  readonly size: number;
  slice(start: number, end: number): Uint8Array;
}

/** A text or an array as a source; a text is UTF-8. */
export function bytesOf(content: string | Uint8Array): ByteSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { size: bytes.length, slice: (start, end) => bytes.subarray(start, end) };
}

/** The bytes of `head`, then zeros up to `size`: a 70 GB shard that takes no room. */
export function sparseBytes(head: Uint8Array, size: number): ByteSource {
  if (size < head.length) throw new Error(`a file of ${size} bytes cannot begin with ${head.length}`);
  return {
    size,
    slice: (start, end) => {
      const bytes = new Uint8Array(Math.min(end, size) - start);
      if (start < head.length) bytes.set(head.subarray(start, end));
      return bytes;
    },
  };
}

/** A window on a source. */
export function windowOf(source: ByteSource, start: number, end: number): ByteSource {
  return { size: end - start, slice: (from, to) => source.slice(start + from, start + to) };
}
