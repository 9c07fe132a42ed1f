/** OpenVINO's graph: an XML file whose constants state where they lie in the `.bin` next to it. */
import { lookUp } from "../contract/json.ts";
import { MalformedError } from "./malformed.ts";
import type { ReadRange } from "./read-range.ts";
import { countElements, type Tensor } from "./tensor.ts";

/** The graph of a language model has 5 MB; more is not read. */
const MAX_XML_BYTES = 64_000_000;
const CHUNK_BYTES = 4_000_000;
/** A tag of a layer is a few hundred letters; a longer one holds no constant. */
const MAX_TAG_LENGTH = 100_000;
const MAX_CONSTANTS = 1_000_000;

/** Bits of an element, and whether it may be a weight: integers of 32 and 64 bits are shapes. */
const TYPES: Readonly<Record<string, readonly [dtype: string, bits: number, isWeight: boolean]>> = {
  f64: ["F64", 64, true],
  f32: ["F32", 32, true],
  f16: ["F16", 16, true],
  bf16: ["BF16", 16, true],
  f8e4m3: ["F8_E4M3", 8, true],
  f8e5m2: ["F8_E5M2", 8, true],
  f8e8m0: ["F8_E8M0", 8, true],
  f4e2m1: ["F4", 4, true],
  i8: ["I8", 8, true],
  u8: ["U8", 8, true],
  i4: ["I4", 4, true],
  u4: ["U4", 4, true],
  u2: ["U2", 2, true],
  nf4: ["NF4", 4, true],
  u1: ["U1", 1, true],
  boolean: ["BOOL", 8, false],
  i16: ["I16", 16, false],
  u16: ["U16", 16, false],
  i32: ["I32", 32, false],
  u32: ["U32", 32, false],
  i64: ["I64", 64, false],
  u64: ["U64", 64, false],
};

/** Names of the arrays that NNCF adds to a quantized weight. */
const AUXILIARY = /\/(zero_point|(?:second_order_)?scale)(?:\/|_|$)|fq_weights_\d/;

/** Read the constants of a graph. `binBytes` is the size of its `.bin`. Throws MalformedError. */
export async function readOpenvinoTensors(
  file: { readonly bytes: number },
  readRange: ReadRange,
  binBytes: number,
): Promise<Tensor[]> {
  if (file.bytes > MAX_XML_BYTES) throw new MalformedError(`its graph has ${file.bytes} bytes`);
  const parser = createGraphParser(binBytes);
  const decoder = new TextDecoder();
  for (let begin = 0; begin < file.bytes; begin += CHUNK_BYTES) {
    const end = Math.min(file.bytes, begin + CHUNK_BYTES);
    parser.write(decoder.decode(await readRange(begin, end), { stream: end < file.bytes }));
  }
  return parser.end();
}

function createGraphParser(binBytes: number) {
  const tensors = new Map<string, Tensor>();
  let rest = "";
  let name = "";
  let isConstant = false;
  let hasRoot = false;

  /** Reads whole tags; what is cut stays for the next chunk. */
  function write(text: string): void {
    rest += text;
    let at = 0;
    for (;;) {
      const open = rest.indexOf("<", at);
      if (open === -1) {
        at = rest.length;
        break;
      }
      const close = rest.indexOf(">", open);
      if (close === -1) {
        at = open;
        break;
      }
      visitTag(rest.slice(open + 1, Math.min(close, open + MAX_TAG_LENGTH)));
      at = close + 1;
    }
    rest = rest.slice(at);
    if (rest.length > MAX_TAG_LENGTH) throw new MalformedError("its graph has a tag without an end");
  }

  function visitTag(tag: string): void {
    if (tag.startsWith("net ") || tag === "net") hasRoot = true;
    else if (tag.startsWith("layer ")) {
      isConstant = readAttribute(tag, "type") === "Const";
      name = readAttribute(tag, "name") ?? "";
    } else if (tag.startsWith("data ") && isConstant) {
      const tensor = parseConstant(name, tag, binBytes);
      // Two constants of one place are one array.
      if (tensor) tensors.set(`${readAttribute(tag, "offset")} ${tensor.bytes}`, tensor);
      if (tensors.size > MAX_CONSTANTS)
        throw new MalformedError(`its graph has more than ${MAX_CONSTANTS} constants`);
      isConstant = false;
    }
  }

  return {
    write,
    end(): Tensor[] {
      if (!hasRoot) throw new MalformedError("it is not a graph of OpenVINO");
      return [...tensors.values()];
    },
  };
}

function parseConstant(name: string, tag: string, binBytes: number): Tensor | null {
  const bytes = readCount(tag, "size");
  const offset = readCount(tag, "offset");
  if (bytes === null || offset === null) return null;
  if (offset + bytes > binBytes)
    throw new MalformedError(`the data of ${name.slice(0, 100)} ends beyond its .bin`);
  const [dtype, bits, isNumber] = lookUp(TYPES, readAttribute(tag, "element_type") ?? "") ?? ["", 0, false];
  const shape = (readAttribute(tag, "shape") ?? "")
    .split(",")
    .map((size) => size.trim())
    .filter(Boolean)
    .map(Number);
  const elements = countElements(shape);
  if (bits === 0 || elements === null || Math.ceil((elements * bits) / 8) !== bytes)
    return { name, shape: [bytes], dtype: "U8", bytes, is: "buffer" };
  if (AUXILIARY.test(name))
    return { name, shape, dtype, bytes, is: /zero_point/.test(name) ? "zero-point" : "scale" };
  // Numbers of one element are constants of the computation.
  return { name, shape, dtype, bytes, is: isNumber && elements > 1 ? "weight" : "buffer" };
}

/** Only keys of this file are searched for, never text of a repository. */
function readAttribute(tag: string, key: string): string | null {
  const start = tag.indexOf(` ${key}="`);
  if (start === -1) return null;
  const begin = start + key.length + 3;
  const end = tag.indexOf('"', begin);
  return end === -1 ? null : tag.slice(begin, end);
}

function readCount(tag: string, key: string): number | null {
  const text = readAttribute(tag, key) ?? "";
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : null;
}
