import zlib from "node:zlib";
import { type Chunk, lengthOf, totalOf, u16, u32, u64 } from "./bytes.ts";

/** Build a zip archive of stored members. */
export function zipArchive(members: readonly (readonly [name: string, content: Chunk])[]): Chunk[] {
  const chunks: Chunk[] = [];
  const directory: Buffer[] = [];
  for (const [name, content] of members) {
    const at = totalOf(chunks);
    const size = lengthOf(content);
    const isLong = at > 0xfffffffe || size > 0xfffffffe;
    const crc = checksum(content);
    const extra = isLong
      ? Buffer.concat([Buffer.from([1, 0, 24, 0]), u64(size), u64(size), u64(at)])
      : Buffer.alloc(0);
    const local = isLong
      ? Buffer.concat([Buffer.from([1, 0, 16, 0]), u64(size), u64(size)])
      : Buffer.alloc(0);
    const fields = (extraBytes: number) => [
      u16(isLong ? 45 : 20),
      u16(0),
      u16(0),
      u32(0),
      u32(crc),
      u32(isLong ? -1 : size),
      u32(isLong ? -1 : size),
      u16(name.length),
      u16(extraBytes),
    ];
    chunks.push(
      Buffer.concat([Buffer.from("PK\x03\x04"), ...fields(local.length), Buffer.from(name), local]),
      content,
    );
    directory.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02"),
        u16(45),
        ...fields(extra.length),
        u16(0),
        u16(0),
        u16(0),
        u32(0),
        u32(isLong ? -1 : at),
        Buffer.from(name),
        extra,
      ]),
    );
  }
  const at = totalOf(chunks);
  const entries = Buffer.concat(directory);
  const isLong = at > 0xfffffffe;
  const count = members.length;
  if (isLong)
    directory.push(
      Buffer.concat([
        Buffer.from("PK\x06\x06"),
        u64(44),
        u16(45),
        u16(45),
        u32(0),
        u32(0),
        u64(count),
        u64(count),
        u64(entries.length),
        u64(at),
      ]),
      Buffer.concat([Buffer.from("PK\x06\x07"), u32(0), u64(at + entries.length), u32(1)]),
    );
  const end = [u16(0), u16(0), u16(count), u16(count), u32(entries.length), u32(isLong ? -1 : at), u16(0)];
  return [...chunks, ...directory, Buffer.concat([Buffer.from("PK\x05\x06"), ...end])];
}

/** CRC-32; of zeros only up to 16 MB, as nobody reads the others. */
function checksum(content: Chunk): number {
  if (typeof content === "number" && content > 16e6) return 0;
  return zlib.crc32(typeof content === "number" ? Buffer.alloc(content) : content);
}
