export interface ZipRecord {
  readonly name: string;
  readonly data: Uint8Array | string;
  /** 0 is stored, 8 deflated. */
  readonly method?: number;
  readonly flags?: number;
}

export interface ZipForm {
  /** Lengths and offsets in the 64-bit fields, as in an archive of more than 4 GB. */
  readonly zip64?: boolean;
  readonly comment?: string;
}

/** Writes a zip archive of stored records. Text is taken as one byte a letter. */
export function writeZip(
  records: readonly ZipRecord[],
  { zip64 = false, comment = "" }: ZipForm = {},
): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const { name, data, method = 0, flags = 0 } of records) {
    const bytes = Buffer.from(data as string, "latin1");
    const begin = lengthOf(local);
    const fields = [u16(flags), u16(method), u32(0), u32(0), u32(bytes.length), u32(bytes.length)];
    const extra = zip64
      ? Buffer.concat([u16(9), u16(2), u16(0), u16(1), u16(8), u64(begin)])
      : Buffer.alloc(0);
    const title = Buffer.from(name);
    local.push(Buffer.from("PK\x03\x04"), u16(20), ...fields, u16(title.length), u16(0), title, bytes);
    directory.push(
      Buffer.from("PK\x01\x02"),
      u16(20),
      u16(20),
      ...fields,
      u16(title.length),
      u16(extra.length),
    );
    directory.push(u16(0), u16(0), u16(0), u32(0), u32(zip64 ? 0xffffffff : begin), title, extra);
  }
  const [begin, bytes] = [lengthOf(local), lengthOf(directory)];
  const end64 = [Buffer.from("PK\x06\x06"), u64(44), u16(45), u16(45), u32(0), u32(0)];
  end64.push(u64(records.length), u64(records.length), u64(bytes), u64(begin));
  end64.push(Buffer.from("PK\x06\x07"), u32(0), u64(begin + bytes), u32(1));
  const counts = zip64 ? [u16(0xffff), u16(0xffff)] : [u16(records.length), u16(records.length)];
  const place = zip64 ? [u32(0xffffffff), u32(0xffffffff)] : [u32(bytes), u32(begin)];
  const end = [Buffer.from("PK\x05\x06"), u16(0), u16(0), ...counts, ...place, u16(comment.length)];
  return Buffer.concat([...local, ...directory, ...(zip64 ? end64 : []), ...end, Buffer.from(comment)]);
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

function u16(value: number): Buffer {
  return Buffer.from(Uint16Array.of(value).buffer);
}

function u32(value: number): Buffer {
  return Buffer.from(Uint32Array.of(value).buffer);
}

function u64(value: number): Buffer {
  return Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
}
