import { createByteCursor, type ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import type { ReadRange } from "../read-range.ts";

/** Signatures, from PKWARE's APPNOTE.TXT. */
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

const END_BYTES = 22;
const END_64_BYTES = 56;
const LOCATOR_BYTES = 20;
/** The end of the directory can be followed by a comment of 64 KB. */
const MAX_TAIL_BYTES = LOCATOR_BYTES + END_BYTES + 0xffff;
const MAX_DIRECTORY_BYTES = 16_000_000;
const STORED = 0;
const ENCRYPTED = 1;
const ZIP64_EXTRA = 1;
const IN_ZIP64 = 0xffffffff;

/** True if a file begins like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && createByteCursor(bytes).u32() === LOCAL_HEADER;
}

/** Read the header before a record, up to its data, and return its name. */
export function parseLocalHeader(cursor: ByteCursor): string {
  if (cursor.u32() !== LOCAL_HEADER)
    throw new MalformedError("its zip archive lacks a record that its directory lists");
  cursor.skip(2);
  const flags = cursor.u16();
  const method = cursor.u16();
  cursor.skip(16);
  const nameBytes = cursor.u16();
  const extraBytes = cursor.u16();
  const name = cursor.text(nameBytes);
  cursor.skip(extraBytes);
  if (method !== STORED || (flags & ENCRYPTED) !== 0)
    throw new MalformedError("its zip archive is compressed or encrypted, which torch never does");
  return name;
}

/** Return where the record with a matching name begins, by the directory at the end of the archive; null without one. */
export async function findRecord(
  file: { readonly bytes: number },
  readRange: ReadRange,
  isWanted: (name: string) => boolean,
): Promise<number | null> {
  const directory = await findDirectory(file, readRange);
  if (directory.bytes > MAX_DIRECTORY_BYTES)
    throw new MalformedError(`its zip directory has ${directory.bytes} bytes`);
  const cursor = createByteCursor(await readInside(file, readRange, directory.begin, directory.bytes));
  while (cursor.position < directory.bytes) {
    const record = parseDirectoryEntry(cursor);
    if (isWanted(record.name)) return record.begin;
  }
  return null;
}

async function findDirectory(
  file: { readonly bytes: number },
  readRange: ReadRange,
): Promise<{ begin: number; bytes: number }> {
  const tailBytes = Math.min(file.bytes, MAX_TAIL_BYTES);
  const tail = await readInside(file, readRange, file.bytes - tailBytes, tailBytes);
  const end = findEnd(tail);
  const cursor = createByteCursor(tail.subarray(end));
  cursor.skip(12);
  const bytes = cursor.u32();
  const begin = cursor.u32();

  const locator = createByteCursor(tail.subarray(Math.max(0, end - LOCATOR_BYTES)));
  if (end < LOCATOR_BYTES || locator.u32() !== LOCATOR_64) return { begin, bytes };
  locator.skip(4);
  const end64 = createByteCursor(await readInside(file, readRange, locator.length64(), END_64_BYTES));
  if (end64.u32() !== DIRECTORY_END_64)
    throw new MalformedError("the directory of its zip archive is missing");
  end64.skip(36);
  const bytes64 = end64.length64();
  return { bytes: bytes64, begin: end64.length64() };
}

/** Search backwards, since the comment after it can contain any bytes. */
function findEnd(tail: Uint8Array): number {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail[at] !== 0x50) continue;
    const cursor = createByteCursor(tail.subarray(at));
    if (cursor.u32() !== DIRECTORY_END) continue;
    cursor.skip(16);
    if (cursor.u16() === tail.length - at - END_BYTES) return at;
  }
  throw new MalformedError("the directory of its zip archive is missing");
}

function parseDirectoryEntry(cursor: ByteCursor): { name: string; begin: number } {
  if (cursor.u32() !== DIRECTORY_ENTRY) throw new MalformedError("its zip directory is broken");
  cursor.skip(16);
  const sizes = [cursor.u32(), cursor.u32()];
  const nameBytes = cursor.u16();
  const extraBytes = cursor.u16();
  const commentBytes = cursor.u16();
  cursor.skip(8);
  const begin = cursor.u32();
  const name = cursor.text(nameBytes);
  const extra = cursor.take(extraBytes);
  cursor.skip(commentBytes);
  if (begin !== IN_ZIP64) return { name, begin };
  // The extra field holds, in this order, the sizes and the start if they do not fit in 32 bits.
  return { name, begin: readExtra64(extra, sizes.filter((size) => size === IN_ZIP64).length) };
}

function readExtra64(extra: Uint8Array, skipped: number): number {
  const cursor = createByteCursor(extra);
  for (;;) {
    const id = cursor.u16();
    const bytes = cursor.u16();
    if (id !== ZIP64_EXTRA) cursor.skip(bytes);
    else {
      cursor.skip(8 * skipped);
      return cursor.length64();
    }
  }
}

async function readInside(
  file: { readonly bytes: number },
  readRange: ReadRange,
  begin: number,
  bytes: number,
): Promise<Uint8Array> {
  if (begin + bytes > file.bytes) throw new MalformedError("its zip directory points beyond the file");
  return bytes === 0 ? new Uint8Array() : readRange(begin, begin + bytes);
}
