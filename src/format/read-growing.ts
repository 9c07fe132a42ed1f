import { TRUNCATED } from "./byte-cursor.ts";
import { MalformedError } from "./malformed.ts";
import type { ReadRange } from "./read-range.ts";

export interface GrowingRange {
  readonly begin: number;
  readonly firstBytes: number;
  readonly maxBytes: number;
}

/**
 * Parse data of unknown length that starts at `begin`: read `firstBytes`, then keep doubling, each byte once, until the
 * parser no longer runs off the end.
 */
export async function readGrowing<Parsed>(
  file: { readonly bytes: number },
  readRange: ReadRange,
  { begin, firstBytes, maxBytes }: GrowingRange,
  parse: (bytes: Uint8Array) => Parsed,
): Promise<Parsed> {
  const limit = Math.min(maxBytes, Math.max(0, file.bytes - begin));
  let bytes = new Uint8Array();
  for (let wanted = firstBytes; ; wanted *= 2) {
    const grown = new Uint8Array(Math.min(wanted, limit));
    grown.set(bytes);
    if (grown.length > bytes.length)
      grown.set(await readRange(begin + bytes.length, begin + grown.length), bytes.length);
    bytes = grown;
    try {
      return parse(bytes);
    } catch (error) {
      if (error !== TRUNCATED || begin + bytes.length >= file.bytes) throw error;
      if (bytes.length === maxBytes) throw new MalformedError(`its header is longer than ${maxBytes} bytes`);
    }
  }
}
