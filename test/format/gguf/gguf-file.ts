/** Writes the headers of GGUF files as llama.cpp lays them out. */

const TYPES = {
  F32: { id: 0, weights: 1, bytes: 4 },
  F16: { id: 1, weights: 1, bytes: 2 },
  Q4_0: { id: 2, weights: 32, bytes: 18 },
  Q8_0: { id: 8, weights: 32, bytes: 34 },
  Q4_K: { id: 12, weights: 256, bytes: 144 },
  Q6_K: { id: 14, weights: 256, bytes: 210 },
  BF16: { id: 30, weights: 1, bytes: 2 },
  MXFP4: { id: 39, weights: 32, bytes: 17 },
} as const;

/** A number is written as u32, a bigint as u64, a list as strings or as i32. `raw` is a value type and its bytes. */
export type MetadataValue =
  | number
  | bigint
  | boolean
  | string
  | readonly number[]
  | readonly string[]
  | { readonly f32: number }
  | { readonly u16: number }
  | { readonly raw: readonly [type: number, bytes: Uint8Array] };

export interface GgufTensor {
  readonly name: string;
  /** As torch has it, outermost first. */
  readonly shape: readonly number[];
  /** An id stands for a type nobody knows: give it `bytes`. */
  readonly type: keyof typeof TYPES | number;
  readonly bytes?: number;
  /** From the begin of the data; by default behind the tensor before. */
  readonly offset?: number;
}

export interface GgufFile {
  readonly version?: number;
  readonly bigEndian?: boolean;
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
  readonly tensors?: readonly GgufTensor[];
  readonly alignment?: number;
}

/** The bytes before the data, and how many the whole file has. */
export function writeGguf({ version = 3, bigEndian = false, alignment = 32, ...file }: GgufFile) {
  const { metadata = {}, tensors = [] } = file;
  const u16 = (value: number) => encode(2, (view) => view.setUint16(0, value, !bigEndian));
  const u32 = (value: number) => encode(4, (view) => view.setUint32(0, value, !bigEndian));
  const i32 = (value: number) => encode(4, (view) => view.setInt32(0, value, !bigEndian));
  const f32 = (value: number) => encode(4, (view) => view.setFloat32(0, value, !bigEndian));
  const u64 = (value: bigint) => encode(8, (view) => view.setBigUint64(0, value, !bigEndian));
  const length = (value: number) => (version === 1 ? u32(value) : u64(BigInt(value)));
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    return [length(bytes.length), bytes];
  };
  const value = (item: MetadataValue): Uint8Array[] => {
    if (typeof item === "number") return [u32(4), u32(item)];
    if (typeof item === "bigint") return [u32(10), u64(item)];
    if (typeof item === "boolean") return [u32(7), Uint8Array.of(Number(item))];
    if (typeof item === "string") return [u32(8), ...text(item)];
    if ("f32" in item) return [u32(6), f32(item.f32)];
    if ("u16" in item) return [u32(2), u16(item.u16)];
    if ("raw" in item) return [u32(item.raw[0]), item.raw[1]];
    const items = item.flatMap((element) => (typeof element === "string" ? text(element) : [i32(element)]));
    return [u32(9), u32(typeof item[0] === "string" ? 8 : 5), length(item.length), ...items];
  };

  let dataBytes = 0;
  const infos = tensors.flatMap((tensor) => {
    const offset = tensor.offset ?? dataBytes;
    dataBytes += align(tensor.bytes ?? computeBytes(tensor), alignment);
    return [
      ...text(tensor.name),
      u32(tensor.shape.length),
      ...tensor.shape.toReversed().map(length),
      u32(typeof tensor.type === "number" ? tensor.type : TYPES[tensor.type].id),
      u64(BigInt(offset)),
    ];
  });
  const header = Buffer.concat([
    Buffer.from("GGUF"),
    u32(version),
    length(tensors.length),
    length(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, item]) => [...text(key), ...value(item)]),
    ...infos,
  ]);
  return { header: new Uint8Array(header), bytes: align(header.length, alignment) + dataBytes };
}

function encode(bytes: number, write: (view: DataView) => void): Uint8Array {
  const chunk = new Uint8Array(bytes);
  write(new DataView(chunk.buffer));
  return chunk;
}

function computeBytes({ shape, type }: GgufTensor): number {
  if (typeof type === "number") return 0;
  const { weights, bytes } = TYPES[type];
  return (shape.reduce((product, dimension) => product * dimension, 1) / weights) * bytes;
}

function align(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
