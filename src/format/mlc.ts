/** MLC's records: `tensor-cache.json`, of older tools `ndarray-cache.json`, lists every stored tensor. */
import { isObject, lookUp } from "../contract/json.ts";
import { MalformedError } from "./malformed.ts";
import { countElements, type Tensor } from "./tensor.ts";

/** More than any model has. */
const MAX_TENSORS = 1_000_000;

/** Dtypes as MLC writes them, and as safetensors calls them. */
const DTYPES: Readonly<Record<string, string>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
  uint32: "U32",
  uint8: "U8",
  int8: "I8",
};

/** Bits of one weight, by the scheme of the repository's `mlc-chat-config.json`: `q4f16_1`, `q3f16_1`. */
export function parseMlcBits(quantization: unknown): number | null {
  const match = typeof quantization === "string" ? /^q(\d)f(?:16|32)/.exec(quantization) : null;
  return match ? Number(match[1]) : null;
}

/** Parse the records of a model whose packed weights have `bits`; null where that is not known. Throws MalformedError. */
export function parseMlcTensors(manifest: unknown, bits: number | null): Tensor[] {
  const records = isObject(manifest) ? manifest["records"] : null;
  if (!Array.isArray(records)) throw new MalformedError("it lists no records");
  const tensors = records.flatMap((record) => {
    const own = isObject(record) ? record["records"] : null;
    return Array.isArray(own) ? own.map((row) => parseRow(row, bits)) : [];
  });
  if (tensors.length > MAX_TENSORS) throw new MalformedError(`it lists more than ${MAX_TENSORS} tensors`);
  return tensors;
}

function parseRow(row: unknown, bits: number | null): Tensor {
  const { name, shape, dtype, nbytes } = isObject(row) ? row : {};
  if (typeof name !== "string" || typeof dtype !== "string" || !isCounts(shape) || !isCount(nbytes))
    throw new MalformedError("a record lacks its name, shape, dtype or size");
  const base = { name, dtype: lookUp(DTYPES, dtype) ?? dtype, bytes: nbytes };
  if (name.endsWith("q_scale")) return { ...base, shape, is: "scale" };
  if (!name.endsWith("q_weight")) return { ...base, shape, is: "weight" };
  const plain = name.replace(/\.?q_weight$/, (leaf) => (leaf.startsWith(".") ? ".weight" : "weight"));
  if (bits === null || dtype !== "uint32")
    throw new MalformedError(`${name.slice(0, 100)} is packed in an unknown way`);
  // Words of 32 bits hold whole weights: 8 of 4 bits, 10 of 3.
  const perWord = Math.floor(32 / bits);
  const logical = [...shape.slice(0, -1), (shape.at(-1) ?? 0) * perWord];
  if (countElements(logical) === null)
    throw new MalformedError(`${name.slice(0, 100)} has more than 2^53 elements`);
  return { ...base, name: plain, shape: logical, is: "weight" };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every(isCount);
}
