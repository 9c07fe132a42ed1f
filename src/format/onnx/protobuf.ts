import { MalformedError } from "../malformed.ts";
import type { ReadRange } from "../read-range.ts";

/** One field of a message: a number, or the span of the file where its content lies. */
export interface ProtobufField {
  readonly id: number;
  /** Of a number; NaN beyond ±(2^53 − 1). */
  readonly value: number;
  readonly end: number;
}

export interface ProtobufFile {
  /** The fields from where the file is read up to `end`. What a consumer leaves of one is skipped unread. */
  fields(end: number): AsyncGenerator<ProtobufField>;
  text(end: number): Promise<string>;
  number(): Promise<number>;
  position(): number;
}

/** A message of a hundred nodes fits. */
const WINDOW_BYTES = 64_000;
const MAX_NUMBER_BYTES = 10;
const MAX_TEXT_BYTES = 1_000;
/** A graph that holds its own weights takes a read for each large one. */
const MAX_READS = 64;

/** Thrown, always this one, where a file takes more reads than it is worth. */
export const TOO_SCATTERED = new MalformedError(`it takes more than ${MAX_READS} reads`);

const utf8 = new TextDecoder();

/** Walks a protobuf file from front to back in windows, without reading what is skipped beyond one. */
export function openProtobuf(file: { readonly bytes: number }, readRange: ReadRange): ProtobufFile {
  let window = new Uint8Array();
  let windowBegin = 0;
  let position = 0;
  let reads = 0;

  async function take(count: number): Promise<Uint8Array> {
    if (position + count > file.bytes) throw new MalformedError("it ends in the middle of a message");
    if (position + count > windowBegin + window.length) {
      if (++reads > MAX_READS) throw TOO_SCATTERED;
      windowBegin = position;
      const end = Math.min(file.bytes, position + WINDOW_BYTES);
      window = new Uint8Array(await readRange(position, end));
    }
    const start = position - windowBegin;
    position += count;
    return window.subarray(start, start + count);
  }

  /** Seven bits a byte, the lowest first. */
  async function number(): Promise<number> {
    let value = 0;
    for (let index = 0; index < MAX_NUMBER_BYTES; index++) {
      const [byte = 0] = await take(1);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return Number.isSafeInteger(value) ? value : NaN;
    }
    throw new MalformedError("it has a number of more than ten bytes");
  }

  /** The end of a field's content, by its wire type; a number is already read. */
  async function findEnd(wireType: number): Promise<number> {
    if (wireType === 1) return position + 8;
    if (wireType === 5) return position + 4;
    if (wireType !== 2) throw new MalformedError(`it has a field of wire type ${wireType}`);
    const length = await number();
    return position + length;
  }

  async function* fields(end: number): AsyncGenerator<ProtobufField> {
    while (position < end) {
      const tag = await number();
      const isNumber = tag % 8 === 0;
      const value = isNumber ? await number() : NaN;
      const fieldEnd = isNumber ? position : await findEnd(tag % 8);
      if (!(fieldEnd <= end)) throw new MalformedError("it has a field longer than its message");
      yield { id: Math.floor(tag / 8), value, end: fieldEnd };
      position = fieldEnd;
    }
  }

  return {
    fields,
    number,
    async text(end) {
      if (end - position > MAX_TEXT_BYTES)
        throw new MalformedError(`it has a name of ${end - position} bytes`);
      return utf8.decode(await take(end - position));
    },
    position: () => position,
  };
}
