/** Fixtures with one JSON object per line. */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Read a packed fixture row by row, parsing only the lines that are wanted; all at once may take a gigabyte. */
export function* readJsonLines<Row>(
  path: string,
  isWanted: (line: string) => boolean = () => true,
): Generator<Row> {
  const packed = readFileSync(new URL(`../fixtures/${path}`, import.meta.url));
  // Into one piece: to collect many takes longer than to unpack. Text repeats itself, but less than 32 times.
  const bytes = gunzipSync(packed, { chunkSize: 32 * packed.length });
  for (let begin = 0; begin < bytes.length;) {
    const next = bytes.indexOf("\n", begin);
    const end = next === -1 ? bytes.length : next;
    const line = bytes.toString("utf8", begin, end);
    if (line !== "" && isWanted(line)) yield JSON.parse(line) as Row;
    begin = end + 1;
  }
}
