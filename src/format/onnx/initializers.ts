import { MalformedError } from "../malformed.ts";
import type { ReadRange } from "../read-range.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { openProtobuf, TOO_SCATTERED, type ProtobufField, type ProtobufFile } from "./protobuf.ts";

/** What a graph stores as its weights. */
export interface OnnxInitializer extends Tensor {
  /** The file beside the graph that holds the data; null where the graph itself does. */
  readonly dataFile: string | null;
}

/** By `TensorProto.DataType` of onnx/onnx.proto (onnx/onnx): names as safetensors has them, and bits of an element. */
const DTYPES: Readonly<Record<number, readonly [name: string, bits: number]>> = {
  1: ["F32", 32],
  2: ["U8", 8],
  3: ["I8", 8],
  4: ["U16", 16],
  5: ["I16", 16],
  6: ["I32", 32],
  7: ["I64", 64],
  9: ["BOOL", 8],
  10: ["F16", 16],
  11: ["F64", 64],
  12: ["U32", 32],
  13: ["U64", 64],
  14: ["C64", 64],
  15: ["C128", 128],
  16: ["BF16", 16],
  17: ["F8_E4M3", 8],
  18: ["F8_E4M3FNUZ", 8],
  19: ["F8_E5M2", 8],
  20: ["F8_E5M2FNUZ", 8],
  21: ["U4", 4],
  22: ["I4", 4],
  23: ["F4", 4],
  24: ["F8_E8M0", 8],
};

/** Field numbers of onnx/onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13 } as const;
const ENTRY = { key: 1, value: 2 } as const;

const MAX_DIMENSIONS = 64;

/**
 * Reads names, shapes and dtypes of the main graph's initializers, without their data. Cheap where the data is in
 * other files or there is little of it; null where it would take more than 64 reads. Throws MalformedError.
 */
export async function readOnnxInitializers(
  file: { readonly bytes: number },
  readRange: ReadRange,
): Promise<OnnxInitializer[] | null> {
  try {
    return await parseModel(openProtobuf(file, readRange), file.bytes);
  } catch (error) {
    if (error === TOO_SCATTERED) return null;
    throw error;
  }
}

async function parseModel(protobuf: ProtobufFile, end: number): Promise<OnnxInitializer[]> {
  const initializers: OnnxInitializer[] = [];
  for await (const part of protobuf.fields(end)) {
    if (part.id !== MODEL_GRAPH) continue;
    for await (const field of protobuf.fields(part.end))
      if (field.id === GRAPH_INITIALIZER) initializers.push(await parseInitializer(protobuf, field.end));
  }
  return initializers;
}

async function parseInitializer(protobuf: ProtobufFile, end: number): Promise<OnnxInitializer> {
  const shape: number[] = [];
  const external = new Map<string, string>();
  let name = "";
  let dataType = 0;
  let rawBytes: number | null = null;
  for await (const field of protobuf.fields(end)) {
    if (field.id === TENSOR.dims) shape.push(...(await parseDimensions(protobuf, field)));
    else if (field.id === TENSOR.dataType) dataType = field.value;
    else if (field.id === TENSOR.name) name = await protobuf.text(field.end);
    else if (field.id === TENSOR.rawData) rawBytes = field.end - protobuf.position();
    else if (field.id === TENSOR.externalData) external.set(...(await parseEntry(protobuf, field.end)));
    if (shape.length > MAX_DIMENSIONS) throw new MalformedError("it has a tensor of more than 64 dimensions");
  }
  const [dtype, bits] = DTYPES[dataType] ?? [];
  const elements = countElements(shape);
  if (!dtype || !bits || elements === null)
    throw new MalformedError(`${name} has no size: data type ${dataType}, shape [${shape.join(", ")}]`);
  const bytes = Math.ceil((elements * bits) / 8);
  const length = external.get("length");
  const storedBytes = length === undefined ? rawBytes : Number(length);
  if (storedBytes !== null && storedBytes !== bytes)
    throw new MalformedError(`${name} has ${storedBytes} bytes; its shape needs ${bytes}`);
  return { name, shape, dtype, bytes, dataFile: external.get("location") ?? null };
}

/** One number, or all of them packed into one field. */
async function parseDimensions(protobuf: ProtobufFile, { value, end }: ProtobufField): Promise<number[]> {
  if (end === protobuf.position()) return [value];
  const dimensions: number[] = [];
  while (protobuf.position() < end && dimensions.length <= MAX_DIMENSIONS)
    dimensions.push(await protobuf.number());
  return dimensions;
}

async function parseEntry(protobuf: ProtobufFile, end: number): Promise<[key: string, value: string]> {
  let [key, value] = ["", ""];
  for await (const field of protobuf.fields(end)) {
    if (field.id === ENTRY.key) key = await protobuf.text(field.end);
    else if (field.id === ENTRY.value) value = await protobuf.text(field.end);
  }
  return [key, value];
}
