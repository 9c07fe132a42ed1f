import { lookUp } from "../../contract/json.ts";
import { MalformedError } from "../malformed.ts";
import type { ReadRange } from "../read-range.ts";
import { countElements, type Tensor } from "../tensor.ts";
import { walkModel, type GraphNode, type GraphTensor, type GraphWindow } from "./graph-parser.ts";

/** The weights of an ONNX graph, and the files that hold them. */
export interface OnnxGraph {
  readonly tensors: readonly Tensor[];
  /** Files of external data, relative to the graph's folder, and how many bytes of each are used. */
  readonly locations: ReadonlyMap<string, number>;
}

/** Weights inside the graph cost about one range each; after this many ranges, stop reading the graph. */
const MAX_RANGES = 40;
const FIRST_WINDOW_BYTES = 64_000;
const MAX_WINDOW_BYTES = 1_000_000;

/** Read a graph by ranges; null if it takes too many. Throws MalformedError. */
export async function readOnnxGraph(
  file: { readonly bytes: number },
  readRange: ReadRange,
): Promise<OnnxGraph | null> {
  const tensors: GraphTensor[] = [];
  const nodes: GraphNode[] = [];
  const window: GraphWindow = { begin: 0, bytes: new Uint8Array() };
  const walk = walkModel(window, file.bytes, {
    onTensor: (tensor) => tensors.push(tensor),
    onNode: (node) => nodes.push(node),
  });
  let windowBytes = FIRST_WINDOW_BYTES;
  for (let ranges = 0; ; ranges++) {
    const step = walk.next();
    if (step.done) return buildGraph(tensors, nodes);
    if (ranges === MAX_RANGES) return null;
    const { position, bytes } = step.value;
    // Bytes right after the window belong to a graph of many nodes; a jump skips weights.
    const isNext = position - (window.begin + window.bytes.length) < FIRST_WINDOW_BYTES && ranges > 0;
    windowBytes = isNext ? Math.min(2 * windowBytes, MAX_WINDOW_BYTES) : FIRST_WINDOW_BYTES;
    const end = Math.min(file.bytes, position + Math.max(bytes, windowBytes));
    window.bytes = await readRange(position, end);
    window.begin = position;
  }
}

/** Data types: onnx/onnx.proto (onnx/onnx). Integers of 32 and 64 bits are shapes and positions. */
const TYPES: Readonly<Record<number, readonly [dtype: string, bits: number, isWeight: boolean]>> = {
  1: ["F32", 32, true],
  2: ["U8", 8, true],
  3: ["I8", 8, true],
  4: ["U16", 16, false],
  5: ["I16", 16, false],
  6: ["I32", 32, false],
  7: ["I64", 64, false],
  9: ["BOOL", 8, false],
  10: ["F16", 16, true],
  11: ["F64", 64, true],
  16: ["BF16", 16, true],
  17: ["F8_E4M3", 8, true],
  18: ["F8_E4M3FNUZ", 8, true],
  19: ["F8_E5M2", 8, true],
  20: ["F8_E5M2FNUZ", 8, true],
  21: ["U4", 4, true],
  22: ["I4", 4, true],
  23: ["F4", 4, true],
  24: ["F8_E8M0", 8, true],
  25: ["U2", 2, true],
  26: ["I2", 2, true],
};

/** Inputs that are scales or zero points, by operator: onnxruntime's ContribOperators.md and onnx's Operators.md. */
const AUXILIARY_INPUTS: Readonly<Record<string, readonly number[]>> = {
  DequantizeLinear: [1, 2],
  QuantizeLinear: [1, 2],
  MatMulInteger: [2, 3],
  ConvInteger: [2, 3],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QLinearConv: [1, 2, 4, 5, 6, 7],
  QGemm: [1, 2, 4, 5, 7, 8],
  MatMulIntegerToFloat: [2, 3, 4, 5],
  DynamicQuantizeMatMul: [2, 3],
  MatMulNBits: [2, 3, 4],
  MatMulBnb4: [2],
  GatherBlockQuantized: [2, 3],
  QMoE: [3, 6, 9],
};
const AUXILIARY_NAME = /(?:_|\.)(?:scales?|zero_points?|zp|qzeros?|absmax)$/;

function buildGraph(tensors: readonly GraphTensor[], nodes: readonly GraphNode[]): OnnxGraph {
  const locations = new Map<string, number>();
  for (const { location, endBytes } of tensors)
    if (location !== null) locations.set(location, Math.max(locations.get(location) ?? 0, endBytes ?? 0));
  const { auxiliary, packed, transposed } = readOperators(nodes);
  return {
    tensors: tensors.map((tensor) => toTensor(tensor, auxiliary, packed, transposed)),
    locations,
  };
}

interface Operators {
  readonly auxiliary: ReadonlySet<string>;
  /** Logical shapes of packed weights. */
  readonly packed: ReadonlyMap<string, (stored: readonly number[], dtype: string) => readonly number[]>;
  /** Weights of a multiplication from the right, `[in, out]` and not `[out, in]`. */
  readonly transposed: ReadonlySet<string>;
}

function readOperators(nodes: readonly GraphNode[]): Operators {
  const auxiliary = new Set<string>();
  const packed = new Map<string, (stored: readonly number[], dtype: string) => readonly number[]>();
  const transposed = new Set<string>();
  for (const { operator, inputs, numbers } of nodes) {
    for (const index of lookUp(AUXILIARY_INPUTS, operator) ?? []) {
      const name = inputs[index];
      if (name !== undefined && name !== "") auxiliary.add(name);
    }
    const [, second = ""] = inputs;
    if (operator === "MatMulNBits" || operator === "MatMulBnb4") {
      const shape = [numbers.get("N") ?? 0, numbers.get("K") ?? 0];
      packed.set(second, () => shape);
    } else if (operator === "GatherBlockQuantized") {
      const perByte = 8 / (numbers.get("bits") ?? 4);
      packed.set(inputs[0] ?? "", (stored, dtype) =>
        dtype === "U8" ? [...stored.slice(0, -1), (stored.at(-1) ?? 0) * perByte] : stored,
      );
    } else if (
      operator === "MatMul" ||
      operator === "MatMulInteger" ||
      (operator === "Gemm" && numbers.get("transB") !== 1)
    )
      transposed.add(second);
  }
  return { auxiliary, packed, transposed };
}

function toTensor(
  { name, shape, type, bytes, location }: GraphTensor,
  auxiliary: ReadonlySet<string>,
  packed: Operators["packed"],
  transposed: ReadonlySet<string>,
): Tensor {
  const [dtype, bits, isNumber] = TYPES[type] ?? [`type_${type}`, 0, true];
  const stored = bytes ?? Math.ceil(((countElements(shape) ?? 0) * bits) / 8);
  if (!Number.isSafeInteger(stored))
    throw new MalformedError(`${name.slice(0, 100)} has more than 2^53 bytes`);
  const base = { name, dtype, bytes: stored, ...(location !== null && { location }) };
  const unpack = packed.get(name);
  if (unpack) return { ...base, shape: checkShape(name, unpack(shape, dtype), stored), is: "weight" };
  if (auxiliary.has(name) || (AUXILIARY_NAME.test(name) && shape.length <= 1))
    return { ...base, shape, is: /zero|zp/.test(name) ? "zero-point" : "scale" };
  // Scalars are constants of the computation, such as an epsilon or a factor.
  if (!isNumber || shape.length === 0) return { ...base, shape, is: "buffer" };
  const [rows = 0, columns = 0] = shape;
  const isTransposed = shape.length === 2 && transposed.has(name);
  return { ...base, shape: isTransposed ? [columns, rows] : shape, is: "weight" };
}

/** An operator's attributes can contradict its data: refuse a shape that gives a weight less than 1 or more than 32 bits. */
function checkShape(name: string, shape: readonly number[], bytes: number): readonly number[] {
  const elements = countElements(shape);
  if (elements === null || elements === 0 || elements > bytes * 8 || elements * 32 < bytes)
    throw new MalformedError(`the shape of ${name.slice(0, 100)} does not fit its ${bytes} bytes`);
  return shape;
}
