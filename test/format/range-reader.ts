import type { ReadRange } from "../../src/format/read-range.ts";

/** A file in memory that remembers what was read of it. Behind `content` it is zeros, up to `bytes`. */
export function openBytes(content: Uint8Array, bytes = content.length) {
  const reads: [begin: number, end: number][] = [];
  const readRange: ReadRange = async (begin, end) => {
    if (!(0 <= begin && begin < end && end <= bytes))
      throw new Error(`no bytes ${begin} to ${end} of ${bytes}`);
    reads.push([begin, end]);
    const range = new Uint8Array(end - begin);
    range.set(content.subarray(begin, end));
    return range;
  };
  return { file: { bytes }, readRange, reads };
}
