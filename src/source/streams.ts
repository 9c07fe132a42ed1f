/** Streams and bytes, with what every browser has. */

/** Read a stream to its end. Not every browser can iterate over one. */
export function readStream<Chunk>(
  stream: ReadableStream<Chunk>,
): AsyncIterable<Chunk> & { cancel(): Promise<void> } {
  return {
    async *[Symbol.asyncIterator]() {
      const reader = stream.getReader();
      try {
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
      } finally {
        // Whoever stops reading early does not want the rest.
        await reader.cancel();
      }
    },
    cancel: () => stream.cancel(),
  };
}

export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let begin = 0;
  for (const chunk of chunks) {
    whole.set(chunk, begin);
    begin += chunk.length;
  }
  return whole;
}
