import { concatBytes } from "../source/streams.ts";
import { TruncatedError } from "./byte-cursor.ts";
import { MalformedError } from "./malformed.ts";
import type { ReadRange } from "./read-range.ts";

export interface GrowingRange {
  readonly begin: number;
  readonly firstBytes: number;
  readonly maxBytes: number;
}

/**
 * Parse data of unknown length that starts at `begin`: read `firstBytes`, then keep doubling, each byte once, until the
 * parser no longer runs off the end. A parser that needs more than may be read fails at once.
 */
export async function readGrowing<Parsed>(
  file: { readonly bytes: number },
  readRange: ReadRange,
  { begin, firstBytes, maxBytes }: GrowingRange,
  parse: (bytes: Uint8Array) => Parsed,
): Promise<Parsed> {
  const limit = Math.min(maxBytes, Math.max(0, file.bytes - begin));
  let bytes: Uint8Array = new Uint8Array();
  for (let wanted = firstBytes; ;) {
    const end = Math.min(wanted, limit);
    if (end > 0) {
      const range = await readRange(begin + bytes.length, begin + end);
      bytes = bytes.length === 0 ? range : concatBytes([bytes, range]);
    }
    try {
      return parse(bytes);
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      if (error.neededBytes > limit)
        throw begin + limit < file.bytes
          ? new MalformedError(`its header is longer than ${maxBytes} bytes`)
          : error;
      while (wanted < error.neededBytes) wanted *= 2;
    }
  }
}
