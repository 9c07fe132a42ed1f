import { MalformedError } from "./malformed.ts";

const TRUNCATED = "it ends in the middle of its header";

/** Thrown when a parser runs off the end of its bytes; reading up to `neededBytes` of the file may help. */
export class TruncatedError extends MalformedError {
  readonly neededBytes: number;

  constructor(neededBytes: number) {
    super(TRUNCATED);
    this.neededBytes = neededBytes;
  }
}

const utf8 = new TextDecoder();

/**
 * Read numbers and text one after another from the first bytes of a file of `fileBytes` bytes. A read past the given
 * bytes throws a TruncatedError; one past the end of the file another MalformedError, since reading more cannot help.
 */
export function createByteCursor(bytes: Uint8Array, fileBytes = Infinity, littleEndian = true) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;

  function advance(count: number): number {
    if (position + count > fileBytes) throw new MalformedError(TRUNCATED);
    if (position + count > bytes.length) throw new TruncatedError(position + count);
    const start = position;
    position += count;
    return start;
  }
  function take(count: number): Uint8Array {
    const start = advance(count);
    return bytes.subarray(start, start + count);
  }
  const u64 = () => toSafeInteger(view.getBigUint64(advance(8), littleEndian));

  return {
    get position() {
      return position;
    },
    take,
    skip(count: number): void {
      advance(count);
    },
    text: (count: number) => utf8.decode(take(count)),
    /** Text up to a line feed, which is skipped. */
    line(maxBytes: number): string {
      const end = bytes.indexOf(0x0a, position);
      if (end === -1 ? bytes.length - position > maxBytes : end - position > maxBytes)
        throw new MalformedError(`it has a name longer than ${maxBytes} bytes`);
      if (end === -1) throw new TruncatedError(bytes.length + 1);
      return utf8.decode(take(end + 1 - position).subarray(0, -1));
    },
    u8: () => view.getUint8(advance(1)),
    i8: () => view.getInt8(advance(1)),
    u16: () => view.getUint16(advance(2), littleEndian),
    i16: () => view.getInt16(advance(2), littleEndian),
    u32: () => view.getUint32(advance(4), littleEndian),
    i32: () => view.getInt32(advance(4), littleEndian),
    f32: () => view.getFloat32(advance(4), littleEndian),
    f64: () => view.getFloat64(advance(8), littleEndian),
    /** Null beyond 2^53 − 1, like i64. */
    u64,
    i64: () => toSafeInteger(view.getBigInt64(advance(8), littleEndian)),
    /** A length or an offset, in 64 bits. */
    length64(): number {
      const length = u64();
      if (length === null) throw new MalformedError("it holds a length beyond 2^53");
      return length;
    },
  };
}

export type ByteCursor = ReturnType<typeof createByteCursor>;

function toSafeInteger(value: bigint): number | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}
