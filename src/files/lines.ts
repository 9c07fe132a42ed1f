/** Lines of a file or stream that is read a chunk at a time. */
import { detectEncoding } from "./text-file.ts";

export type Chunks = AsyncIterable<Uint8Array | string>;

export interface Line {
  /** Without the line end. */
  readonly bytes: Buffer;
  /** False for a last line without a line end. */
  readonly isEnded: boolean;
}

const LINE_END = 0x0a;

/** Split into lines of bytes, which can be counted. A line longer than `maxBytes` is cut there and ends the text. */
export async function* splitLines(chunks: Chunks, maxBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk as Uint8Array); // a copy: the caller may reuse the chunk
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

/** Turn UTF-16 with a byte-order mark into UTF-8; any other text passes unchanged. */
export async function* toUtf8(chunks: Chunks): AsyncGenerator<Uint8Array> {
  let start: Buffer | null = Buffer.alloc(0);
  let decoder: InstanceType<typeof TextDecoder> | null = null;
  for await (const chunk of chunks) {
    let bytes = Buffer.from(chunk as Uint8Array);
    if (start) {
      bytes = start = Buffer.concat([start, bytes]);
      if (start.length < 2) continue;
      const encoding = detectEncoding(start);
      if (encoding !== "utf-8") decoder = new TextDecoder(encoding);
      start = null;
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
  }
  if (start) yield start;
}
