/** Weight files with real headers and holes in place of weights. */
import { type Chunk, f32, f64, lengthOf, product, totalOf, u16, u32, u64, varint } from "./bytes.ts";
import { zipArchive } from "./zip-archive.ts";

export type TensorRow = readonly [name: string, shape: readonly number[], dtype: string, location?: string];

const BITS: Readonly<Record<string, number>> = {
  F4: 4,
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  F64: 64,
};

function bytesOfTensor(shape: readonly number[], dtype: string): number {
  const bits = BITS[dtype];
  if (bits === undefined) throw new Error(`unknown dtype ${dtype}`);
  return (product(shape) * bits) / 8;
}

export function safetensorsFile(tensors: readonly TensorRow[], metadata: unknown): Chunk[] {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let end = 0;
  for (const [name, shape, dtype] of tensors) {
    const begin = end;
    end += bytesOfTensor(shape, dtype);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  return [u64(json.length), json, end];
}

/** A list is [key, "arr", type of its elements, elements]. */
export type GgufPair = readonly [key: string, type: string, value: unknown, items?: readonly unknown[]];
export interface GgufSpec {
  readonly kv: readonly GgufPair[];
  /** Dimensions in GGML's order, the columns first. */
  readonly tensors: readonly TensorRow[];
  readonly version?: number;
  readonly align?: number;
}

const KV_TYPES: Readonly<Record<string, number>> = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  str: 8,
  arr: 9,
  u64: 10,
  i64: 11,
};

/** Number of the type, weights in a block, bytes of a block. */
const GGML: Readonly<Record<string, readonly [id: number, weights: number, bytes: number]>> = {
  F32: [0, 1, 4],
  F16: [1, 1, 2],
  Q4_0: [2, 32, 18],
  Q8_0: [8, 32, 34],
  Q2_K: [10, 256, 84],
  Q3_K: [11, 256, 110],
  Q4_K: [12, 256, 144],
  Q5_K: [13, 256, 176],
  Q6_K: [14, 256, 210],
  IQ2_XXS: [16, 256, 66],
  BF16: [30, 1, 2],
  MXFP4: [39, 32, 17],
  NVFP4: [40, 64, 36],
  Q1_0: [41, 128, 18],
  Q2_0: [42, 64, 18],
  IQ4_K: [139, 256, 144],
};

export function ggufFile({ kv, tensors, version = 3, align = 32 }: GgufSpec): Chunk[] {
  const length = version === 1 ? u32 : u64;
  const text = (value: string) => Buffer.concat([length(Buffer.byteLength(value)), Buffer.from(value)]);
  const valueOf = (type: string, value: unknown): Buffer => {
    if (type === "str") return text(String(value));
    const number = Number(value);
    if (type === "f32") return f32(number);
    if (type === "u64" || type === "i64") return u64(number);
    if (type === "u16" || type === "i16") return u16(number);
    return ["u8", "i8", "bool"].includes(type) ? Buffer.from([number]) : u32(number);
  };
  const parts = [Buffer.from("GGUF"), u32(version), length(tensors.length), length(kv.length)];
  for (const [key, type, value, items = []] of kv) {
    parts.push(text(key), u32(KV_TYPES[type] ?? 4));
    if (type === "arr") {
      const itemType = String(value);
      parts.push(u32(KV_TYPES[itemType] ?? 4), length(items.length));
      parts.push(...items.map((item) => valueOf(itemType, item)));
    } else parts.push(valueOf(type, value));
  }
  let offset = 0;
  for (const [name, dimensions, type] of tensors) {
    const row = GGML[type];
    if (!row) throw new Error(`unknown GGUF type ${type}`);
    const [id, weights, bytes] = row;
    parts.push(text(name), u32(dimensions.length), ...dimensions.map(length), u32(id), u64(offset));
    offset += Math.ceil(((product(dimensions) / weights) * bytes) / align) * align;
  }
  const head = Buffer.concat(parts);
  return [head, (align - (head.length % align)) % align, offset];
}

const ONNX_TYPES: Readonly<Record<string, number>> = {
  F32: 1,
  U8: 2,
  I8: 3,
  I32: 6,
  I64: 7,
  F16: 10,
  BF16: 16,
};

/** A graph with these initializers: inside the file, or in another that the graph names (external data). */
export function onnxFile(initializers: readonly TensorRow[]): Chunk[] {
  const offsets = new Map<string, number>();
  const tensors = initializers.map(([name, shape, dtype, location]) => {
    const bytes = bytesOfTensor(shape, dtype);
    const own = [
      ...shape.flatMap((n) => [varint(8), varint(n)]),
      varint(16),
      varint(ONNX_TYPES[dtype] ?? 1),
      ...field(8, [Buffer.from(name)]),
    ];
    if (location === undefined) return field(5, [...own, ...field(9, [bytes])]);
    const offset = offsets.get(location) ?? 0;
    offsets.set(location, offset + bytes);
    const entries = Object.entries({ location, offset, length: bytes }).flatMap(([key, value]) =>
      field(13, [...field(1, [Buffer.from(key)]), ...field(2, [Buffer.from(String(value))])]),
    );
    return field(5, [...own, ...entries, varint(112), varint(1)]);
  });
  const node = field(1, [
    ...field(1, [Buffer.from(initializers[0]?.[0] ?? "")]),
    ...field(2, [Buffer.from("out")]),
    ...field(4, [Buffer.from("Identity")]),
  ]);
  const graph = field(7, [...node, ...field(2, [Buffer.from("main")]), ...tensors.flat()]);
  return [varint(8), varint(8), ...field(8, [varint(16), varint(17)]), ...graph];
}

/** A field of a protobuf message. */
export function field(number: number, chunks: readonly Chunk[]): Chunk[] {
  return [varint(number * 8 + 2), varint(totalOf(chunks)), ...chunks];
}

/** What torch.save is given: a tensor is `{ tensor: shape, dtype, storage }`, where two may share a storage by name. */
export type TorchSpec =
  null | boolean | string | number | readonly TorchSpec[] | { readonly [key: string]: TorchSpec };

const STORAGES: Readonly<Record<string, readonly [name: string, bytes: number]>> = {
  F32: ["FloatStorage", 4],
  F16: ["HalfStorage", 2],
  BF16: ["BFloat16Storage", 2],
  F64: ["DoubleStorage", 8],
  I64: ["LongStorage", 8],
  I32: ["IntStorage", 4],
  U8: ["ByteStorage", 1],
  I8: ["CharStorage", 1],
  BOOL: ["BoolStorage", 1],
};

export function torchFile(value: TorchSpec): Chunk[] {
  const storages = new Map<string, { number: string; elements: number; bytes: number }>();
  const text = (s: string) => Buffer.concat([Buffer.from("X"), u32(Buffer.byteLength(s)), Buffer.from(s)]);
  const integer = (n: number) =>
    n < 2 ** 31 ? Buffer.concat([Buffer.from("J"), u32(n)]) : Buffer.concat([Buffer.from([0x8a, 8]), u64(n)]);
  type Part = string | Buffer;
  const tuple = (parts: readonly Part[]): Part[] => ["(", ...parts, "t"];
  const pickle = (item: TorchSpec): Part[] => {
    if (item === null) return ["N"];
    if (typeof item === "boolean") return [item ? "\x88" : "\x89"];
    if (typeof item === "string") return [text(item)];
    if (typeof item === "number")
      return [Number.isInteger(item) ? integer(item) : Buffer.concat([Buffer.from("G"), f64(item)])];
    if (isList(item)) return ["](", ...item.flatMap(pickle), "e"];
    const { tensor, dtype = "F32", storage } = item;
    if (!isShape(tensor))
      return ["}(", ...Object.entries(item).flatMap(([key, inner]) => [text(key), ...pickle(inner)]), "u"];
    const [type, width] = STORAGES[String(dtype)] ?? ["FloatStorage", 4];
    const key = typeof storage === "string" ? storage : `#${storages.size}`;
    const elements = product(tensor);
    const known = storages.get(key) ?? { number: String(storages.size), elements, bytes: elements * width };
    storages.set(key, known);
    const strides = tensor.map((_, axis) => product(tensor.slice(axis + 1)));
    const id = [
      text("storage"),
      `ctorch\n${type}\n`,
      text(known.number),
      text("cpu"),
      integer(known.elements),
    ];
    const rebuilt = [
      ...tuple(id),
      "Q",
      integer(0),
      ...tuple(tensor.map(integer)),
      ...tuple(strides.map(integer)),
      "\x89",
      "ccollections\nOrderedDict\n)R",
    ];
    return ["ctorch._utils\n_rebuild_tensor_v2\n", ...tuple(rebuilt), "R"];
  };
  const parts: Part[] = ["\x80\x02", ...pickle(value), "."];
  const data = Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)),
  );
  return zipArchive([
    ["archive/data.pkl", data],
    ["archive/version", Buffer.from("3\n")],
    ...[...storages.values()].map(({ number, bytes }) => [`archive/data/${number}`, bytes] as const),
  ]);
}

function isList(value: TorchSpec): value is readonly TorchSpec[] {
  return Array.isArray(value);
}

function isShape(value: TorchSpec | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

export function lfsPointer(size: number): Chunk[] {
  const oid = "4d7a214614ab2935".repeat(4);
  return [Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`)];
}

/** The first bytes of another format, then zeros up to `size`. */
export function beginningWith(begin: Uint8Array, size: number): Chunk[] {
  return [begin, size - lengthOf(begin)];
}
