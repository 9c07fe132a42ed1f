/** Writes GGUF files with all-zero weights, as holes that take no room on the disk. */
import { truncateSync, writeFileSync } from "node:fs";
import { BLOCK_TYPES, computeBlockBytes, type BlockType } from "../../../src/format/gguf/block-types.ts";

export type Metadata = Readonly<Record<string, string | number | boolean | readonly number[]>>;
export type Tensors = ReadonlyMap<string, readonly number[]>;

const UINT32 = 4;
const INT32 = 5;
const FLOAT32 = 6;
const BOOL = 7;
const STRING = 8;
const ARRAY = 9;
const ALIGNMENT = 32;

/** Tensors that llama.cpp wants in 32 bits, whatever the others have. */
const FLOATS = /norm|bias|exp_probs|gate_inp|ssm_(?:a|d|conv1d|dt)|shortconv\.conv|sinks|time_mix|scale/;

export function writeGgufFile(file: string, metadata: Metadata, tensors: Tensors): void {
  let offset = 0;
  const infos = [...tensors].flatMap(([name, shape]) => {
    const type: BlockType = shape.length > 1 && !FLOATS.test(name) ? "F16" : "F32";
    const info = [string(name), u32(shape.length), ...shape.map(u64), u32(BLOCK_TYPES[type].id), u64(offset)];
    const elements = shape.reduce((product, size) => product * size, 1);
    offset += Math.ceil(computeBlockBytes(type, elements) / ALIGNMENT) * ALIGNMENT;
    return info;
  });
  const pairs = Object.entries(metadata).flatMap(([key, value]) => [string(key), ...valueOf(value)]);
  const counts = [u32(3), u64(tensors.size), u64(Object.keys(metadata).length)];
  const head = Buffer.concat([Buffer.from("GGUF"), ...counts, ...pairs, ...infos]);
  writeFileSync(file, head);
  truncateSync(file, Math.ceil(head.length / ALIGNMENT) * ALIGNMENT + offset);
}

function valueOf(value: Metadata[string]): Buffer[] {
  if (typeof value === "string") return [u32(STRING), string(value)];
  if (typeof value === "boolean") return [u32(BOOL), Buffer.from([Number(value)])];
  if (typeof value === "number")
    return Number.isInteger(value) ? [u32(UINT32), u32(value)] : [u32(FLOAT32), f32(value)];
  return [u32(ARRAY), u32(INT32), u64(value.length), ...value.map(u32)];
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}
