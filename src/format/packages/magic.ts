/** Tests of the first bytes of a file. */

/** Test for ASCII letters at a position. */
export const startsWith =
  (text: string, at = 0) =>
  (bytes: Uint8Array): boolean =>
    [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

const isZip = startsWith("PK\u0003\u0004");

/** Return the name of the first member of a zip; null for any other file. */
export function readFirstMember(bytes: Uint8Array): string | null {
  if (!isZip(bytes)) return null;
  const length = (bytes[26] ?? 0) + 256 * (bytes[27] ?? 0);
  return new TextDecoder().decode(bytes.subarray(30, 30 + length));
}
