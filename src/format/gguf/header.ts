import { createByteCursor, type ByteCursor } from "../byte-cursor.ts";
import { MalformedError } from "../malformed.ts";
import { readGrowing } from "../read-growing.ts";
import type { ReadRange } from "../read-range.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { parseMetadata, type GgufValue, type ReadLength } from "./metadata.ts";
import { computeBlockBytes, findBlockType, fitsRows } from "./block-types.ts";
import { findFileType } from "./file-types.ts";

/** The header of a GGUF file: its metadata, and the list of its tensors. */
export interface GgufHeader {
  readonly version: number;
  /** `general.architecture`, as in `llama`. */
  readonly architecture: string | null;
  /** `general.file_type` by name, as in `Q4_K_M`. */
  readonly fileType: string | null;
  /** Dimensions outermost first, as torch has them and GGUF does not. */
  readonly tensors: readonly Tensor[];
  /** Numbers, flags, short strings and short arrays of numbers. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** For one file of several: its place among them; the first has index 0. */
  readonly split: { readonly index: number; readonly count: number; readonly tensors: number | null } | null;
}

/** "GGUF" read as a little-endian number. */
const MAGIC = 0x46554747;
const DEFAULT_ALIGNMENT = 32;

/** Most headers are tokenizers: Qwen3's is 6 MB, one of 248,000 tokens 11 MB. */
const FIRST_READ_BYTES = 1_000_000;
const MAX_HEADER_BYTES = 64_000_000;
const MAX_PAIRS = 100_000;
const MAX_TENSORS = 1_000_000;
/** llama.cpp allows 4 dimensions (GGML_MAX_DIMS). */
const MAX_DIMENSIONS = 8;

/** Read the header of a GGUF file of version 1 to 3, of either byte order. Throws MalformedError. */
export function readGgufHeader(file: { readonly bytes: number }, readRange: ReadRange): Promise<GgufHeader> {
  const range = { begin: 0, firstBytes: FIRST_READ_BYTES, maxBytes: MAX_HEADER_BYTES };
  return readGrowing(file, readRange, range, (bytes) => parseGgufHeader(bytes, file.bytes));
}

function parseGgufHeader(bytes: Uint8Array, fileBytes: number): GgufHeader {
  if (createByteCursor(bytes, fileBytes).u32() !== MAGIC)
    throw new MalformedError("it does not begin with GGUF");
  const cursor = createByteCursor(bytes, fileBytes, isLittleEndian(bytes));
  cursor.skip(4);
  const version = cursor.u32();
  if (version < 1 || version > 3) throw new MalformedError(`its GGUF version ${version} is unknown`);
  const readLength = version === 1 ? () => cursor.u32() : () => cursor.length64();

  const tensorCount = readLength();
  const pairCount = readLength();
  if (tensorCount > MAX_TENSORS || pairCount > MAX_PAIRS)
    throw new MalformedError(`it claims ${tensorCount} tensors and ${pairCount} metadata values`);
  const metadata = parseMetadata(cursor, readLength, pairCount);
  const infos: TensorInfo[] = [];
  for (let index = 0; index < tensorCount; index++) infos.push(parseTensorInfo(cursor, readLength));

  const architecture = metadata.get("general.architecture");
  const fileType = metadata.get("general.file_type");
  return {
    version,
    architecture: typeof architecture === "string" ? architecture : null,
    fileType: typeof fileType === "number" ? findFileType(fileType) : null,
    tensors: placeTensors(infos, readAlignment(metadata), cursor.position, fileBytes),
    metadata,
    split: readSplit(metadata),
  };
}

/** The version is a small number, so its low half is zero only in the other byte order. */
function isLittleEndian(bytes: Uint8Array): boolean {
  return bytes[4] !== 0 || bytes[5] !== 0;
}

interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** In bytes, from the start of the data. */
  readonly offset: number;
}

function parseTensorInfo(cursor: ByteCursor, readLength: ReadLength): TensorInfo {
  const name = cursor.text(readLength());
  const rank = cursor.u32();
  if (rank > MAX_DIMENSIONS) throw new MalformedError(`it has a tensor of ${rank} dimensions`);
  const shape = Array.from({ length: rank }, readLength).toReversed();
  return { name, shape, type: cursor.u32(), offset: cursor.length64() };
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT;
  // The rule of gguf.cpp (ggml-org/llama.cpp): a power of two.
  if (typeof alignment !== "number" || !Number.isInteger(Math.log2(alignment)) || alignment < 1)
    throw new MalformedError(
      `its data is aligned to ${String(alignment)} bytes, which is not a power of two`,
    );
  return alignment;
}

/** Compute the bytes of every tensor. Throws MalformedError if one overlaps another, is not aligned or leaves the file. */
function placeTensors(
  infos: readonly TensorInfo[],
  alignment: number,
  headerBytes: number,
  fileBytes: number,
): Tensor[] {
  const dataBytes = fileBytes - Math.ceil(headerBytes / alignment) * alignment;
  if (new Set(infos.map(({ name }) => name)).size < infos.length)
    throw new MalformedError("it has two tensors of one name");
  const sizes = new Map<TensorInfo, number>();
  let end = dataBytes;
  // From the last to the first. Of several tensors at one offset, all but the last are empty.
  for (const info of infos.toReversed().toSorted((a, b) => b.offset - a.offset)) {
    // For an unknown type, take all bytes up to the next tensor.
    const bytes = computeBytes(info) ?? end - info.offset;
    if (bytes < 0 || info.offset + bytes > end)
      throw new MalformedError(
        end === dataBytes
          ? `the data of ${info.name} ends beyond the file`
          : `the data of ${info.name} overlaps the next`,
      );
    if (info.offset % alignment !== 0) throw new MalformedError(`the data of ${info.name} is not aligned`);
    sizes.set(info, bytes);
    end = info.offset;
  }
  return infos.map((info) => ({
    name: info.name,
    shape: info.shape,
    dtype: findBlockType(info.type) ?? `type_${info.type}`,
    bytes: sizes.get(info) ?? 0,
  }));
}

/** Compute the bytes of a tensor; null if its type is unknown. */
function computeBytes({ name, shape, type: id }: TensorInfo): number | null {
  const elements = countElements(shape);
  if (elements === null) throw new MalformedError(`${name} has more than 2^53 elements`);
  const type = findBlockType(id);
  if (!type) return null;
  if (!fitsRows(type, shape.at(-1) ?? 1))
    throw new MalformedError(`the rows of ${name} are not whole blocks of ${type}`);
  return computeBlockBytes(type, elements);
}

/** Written into every file by llama.cpp's gguf-split. */
function readSplit(metadata: ReadonlyMap<string, GgufValue>): GgufHeader["split"] {
  const [index = 0, count, tensors = null] = ["split.no", "split.count", "split.tensors.count"].map((key) =>
    metadata.get(key),
  );
  if (typeof index !== "number" || typeof count !== "number") return null;
  return { index, count, tensors: typeof tensors === "number" ? tensors : null };
}
