/** Walk the protobuf of an ONNX graph, requesting bytes as needed; weights are skipped, not read. */
import { MalformedError } from "../malformed.ts";
import { countElements } from "../tensor.ts";

/** A stored tensor of a graph: an initializer, or the value of a constant. */
export interface GraphTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** TensorProto.DataType. */
  readonly type: number;
  /** Bytes of its data; null where they follow from the shape. */
  readonly bytes: number | null;
  /** The file that holds its data, relative to the graph's folder; null for the graph itself. */
  readonly location: string | null;
  /** End of its data in that file; null where it is not stated. */
  readonly endBytes: number | null;
}

export interface GraphNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Numbers, as `K`, `N`, `bits`, `transB`. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Callbacks for the parts of a graph, in the order of the file. */
export interface GraphVisitor {
  onTensor(tensor: GraphTensor): void;
  onNode(node: GraphNode): void;
}

/** The bytes at hand: a window of the file, from `begin`. */
export interface GraphWindow {
  begin: number;
  bytes: Uint8Array;
}

/** A step of the walk. When bytes are missing, it yields the position and the number of bytes needed there. */
type Walk<Result = void> = Generator<{ readonly position: number; readonly bytes: number }, Result, void>;

/** Deeper than any nesting of branches and loops. */
const MAX_DEPTH = 32;
const MAX_ITEMS = 2_000_000;
const MAX_NAME_BYTES = 10_000;
const MAX_DIMENSIONS = 64;
const utf8 = new TextDecoder();

/** Walk a whole model file of `fileBytes` bytes. Throws MalformedError. */
export function* walkModel(window: GraphWindow, fileBytes: number, visitor: GraphVisitor): Walk {
  let position = 0;
  let items = 0;

  function* need(count: number): Walk {
    if (position + count > fileBytes) throw new MalformedError("its graph ends in the middle");
    while (position < window.begin || position + count > window.begin + window.bytes.length)
      yield { position, bytes: count };
  }
  function* varint(): Walk<number> {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      if (position < window.begin || position >= window.begin + window.bytes.length) yield* need(1);
      const byte = window.bytes[position++ - window.begin] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if (byte < 0x80) return value;
    }
    throw new MalformedError("its graph has a number of more than 64 bits");
  }
  function* text(length: number): Walk<string> {
    if (length > MAX_NAME_BYTES) {
      position += length;
      return "";
    }
    yield* need(length);
    const start = position - window.begin;
    position += length;
    return utf8.decode(window.bytes.subarray(start, start + length));
  }

  /** Visit the fields of a message up to `end`; what `onField` does not read is skipped. */
  function* fields(end: number, onField: (field: number, wire: number, end: number) => Walk | null): Walk {
    if (end > fileBytes) throw new MalformedError("its graph ends in the middle");
    while (position < end) {
      if (++items > MAX_ITEMS) throw new MalformedError(`its graph has more than ${MAX_ITEMS} fields`);
      const tag = yield* varint();
      const wire = tag % 8;
      if (tag < 8) throw new MalformedError("it is not an ONNX graph");
      let valueEnd = position;
      if (wire === 2) {
        const length = yield* varint();
        valueEnd = position + length;
      } else if (wire === 5) valueEnd += 4;
      else if (wire === 1) valueEnd += 8;
      else if (wire !== 0) throw new MalformedError("it is not an ONNX graph");
      if (valueEnd > end) throw new MalformedError("its graph has a field longer than the message around it");
      const walk = onField(Math.floor(tag / 8), wire, valueEnd);
      if (walk) yield* walk;
      else if (wire === 0) yield* varint();
      if (wire !== 0) position = valueEnd;
    }
  }

  function* graph(end: number, depth: number): Walk {
    if (depth > MAX_DEPTH) throw new MalformedError("its graph nests too deep");
    yield* fields(end, (field, wire, valueEnd) => {
      if (wire !== 2) return null;
      if (field === 1) return node(valueEnd, depth);
      if (field === 5) return tensor(valueEnd, "");
      return field === 15 ? sparseTensor(valueEnd, "") : null;
    });
  }

  function* node(end: number, depth: number): Walk {
    const inputs: string[] = [];
    const outputs: string[] = [];
    const numbers = new Map<string, number>();
    let operator = "";
    yield* fields(end, function* onField(field, wire, valueEnd): Walk {
      const length = valueEnd - position;
      if (wire === 2 && field === 1) inputs.push(yield* text(length));
      else if (wire === 2 && field === 2) outputs.push(yield* text(length));
      else if (wire === 2 && field === 4) operator = yield* text(length);
      else if (wire === 2 && field === 5) yield* attribute(valueEnd, depth, numbers, outputs[0] ?? "");
      else if (wire === 0) yield* varint();
    });
    visitor.onNode({ operator, inputs, outputs, numbers });
  }

  function* attribute(end: number, depth: number, numbers: Map<string, number>, owner: string): Walk {
    let name = "";
    let number: number | null = null;
    yield* fields(end, function* onField(field, wire, valueEnd): Walk {
      if (wire === 2 && field === 1) name = yield* text(valueEnd - position);
      else if (wire === 2 && (field === 5 || field === 10)) yield* tensor(valueEnd, owner);
      else if (wire === 2 && (field === 6 || field === 11)) yield* graph(valueEnd, depth + 1);
      else if (wire === 2 && (field === 22 || field === 23)) yield* sparseTensor(valueEnd, owner);
      else if (wire === 0) {
        const value = yield* varint();
        if (field === 3) number = value;
      }
    });
    if (number !== null) numbers.set(name, number);
  }

  function* sparseTensor(end: number, owner: string): Walk {
    yield* fields(end, (field, wire, valueEnd) =>
      field === 1 && wire === 2 ? tensor(valueEnd, owner) : null,
    );
  }

  function* tensor(end: number, owner: string): Walk {
    const shape: number[] = [];
    const external = new Map<string, string>();
    let type = 0;
    let name = "";
    let bytes: number | null = null;
    let isExternal = false;
    yield* fields(end, function* onField(field, wire, valueEnd): Walk {
      if (field === 1) {
        // One dimension, or all of them packed.
        const packedEnd = wire === 2 ? valueEnd : position + 1;
        while (position < packedEnd) {
          if (shape.length >= MAX_DIMENSIONS)
            throw new MalformedError("its graph has a tensor of too many dimensions");
          shape.push(yield* varint());
        }
      } else if (wire === 0) {
        const value = yield* varint();
        if (field === 2) type = value;
        if (field === 14) isExternal = value === 1;
      } else if (wire === 2 && field === 8) name = yield* text(valueEnd - position);
      else if (wire === 2 && field === 9) bytes = valueEnd - position;
      else if (wire === 2 && field === 13) yield* externalEntry(valueEnd, external);
    });
    if (countElements(shape) === null)
      throw new MalformedError("its graph has a tensor of more than 2^53 elements");
    const location = isExternal ? (external.get("location") ?? "") : null;
    const length = readCount(external.get("length"));
    const offset = readCount(external.get("offset")) ?? 0;
    visitor.onTensor({
      name: name === "" ? owner : name,
      shape,
      type,
      bytes: isExternal ? length : bytes,
      location,
      endBytes: isExternal && length !== null ? offset + length : null,
    });
  }

  function* externalEntry(end: number, entries: Map<string, string>): Walk {
    let key = "";
    let value = "";
    yield* fields(end, function* onField(field, wire, valueEnd): Walk {
      if (wire === 0) yield* varint();
      else if (wire === 2 && field === 1) key = yield* text(valueEnd - position);
      else if (wire === 2 && field === 2) value = yield* text(valueEnd - position);
    });
    if (entries.size < MAX_DIMENSIONS) entries.set(key, value);
  }

  let graphs = 0;
  yield* fields(fileBytes, (field, wire, valueEnd) => {
    if (wire !== 2) return null;
    if (field === 7) return (graphs++, graph(valueEnd, 0));
    return field === 25 ? functionBody(valueEnd) : null;
  });
  if (graphs === 0) throw new MalformedError("it is not an ONNX graph");

  function* functionBody(end: number): Walk {
    yield* fields(end, (field, wire, valueEnd) => (field === 7 && wire === 2 ? node(valueEnd, 1) : null));
  }
}

function readCount(text: string | undefined): number | null {
  const count = text === undefined || !/^\d{1,16}$/.test(text) ? NaN : Number(text);
  return Number.isSafeInteger(count) ? count : null;
}
