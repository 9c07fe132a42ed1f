/** What is read of a file or a stream, a chunk at a time. */
export type Chunks = AsyncIterable<Uint8Array | string>;

export interface Line {
  /** Without the line end. */
  readonly bytes: Buffer;
  /** False for the last line of a text that does not end with a line end. */
  readonly isEnded: boolean;
}

const LINE_END = 0x0a;

/** Lines as bytes, which can be counted. One longer than that is cut there and the last: memory is bounded. */
export async function* splitLines(chunks: Chunks, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk as Uint8Array); // a copy: what is kept of it must not change
    for (let end = rest.indexOf(LINE_END); end !== -1; end = rest.indexOf(LINE_END)) {
      yield { bytes: Buffer.concat([...parts, rest.subarray(0, end)]), isEnded: true };
      [parts, bytes] = [[], 0];
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
    bytes += rest.length;
    if (bytes > maxBytes) break;
  }
  if (bytes > 0) yield { bytes: Buffer.concat(parts), isEnded: false };
}
