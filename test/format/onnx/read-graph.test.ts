import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedError } from "../../../src/format/malformed.ts";
import { readOnnxGraph } from "../../../src/format/onnx/read-graph.ts";
import { type Chunk, sourceOf, varint } from "../../cases/bytes.ts";
import { field, onnxFile } from "../../cases/made-files.ts";

async function read(chunks: readonly Chunk[]) {
  const source = sourceOf(chunks);
  let ranges = 0;
  const graph = await readOnnxGraph({ bytes: source.size }, async (begin, end) => {
    ranges++;
    return source.slice(begin, end);
  });
  return { graph, ranges };
}

const text = (number: number, value: string) => field(number, [Buffer.from(value)]);
const number = (id: number, value: number) => [varint(id * 8), varint(value)];

interface NodeSpec {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs?: readonly string[];
  readonly numbers?: Readonly<Record<string, number>>;
  /** Further chunks of attributes. */
  readonly attributes?: readonly Chunk[];
}

function node({ operator, inputs, outputs = [], numbers = {}, attributes = [] }: NodeSpec): Chunk[] {
  return field(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, operator),
    ...Object.entries(numbers).flatMap(([name, value]) => field(5, [...text(1, name), ...number(3, value)])),
    ...attributes,
  ]);
}

/** A tensor with data in the graph: of a field of a graph (5) or of an attribute. */
function tensor(name: string, shape: readonly number[], type: number, bytes: number): Chunk[] {
  return [
    ...shape.flatMap((size) => number(1, size)),
    ...number(2, type),
    ...text(8, name),
    ...field(9, [bytes]),
  ];
}

const graphOf = (...parts: (readonly Chunk[])[]) => [...number(1, 8), ...field(7, parts.flat())];

test("weights lie in the graph, or in the files that it names", async () => {
  const { graph } = await read(
    onnxFile([
      ["a", [10, 4], "F32"],
      ["b", [100, 4], "F16", "weights.pb"],
      ["c", [8], "I64"],
    ]),
  );
  expect(graph?.tensors).toEqual([
    { name: "a", shape: [10, 4], dtype: "F32", bytes: 160, is: "weight" },
    { name: "b", shape: [100, 4], dtype: "F16", bytes: 800, location: "weights.pb", is: "weight" },
    { name: "c", shape: [8], dtype: "I64", bytes: 64, is: "buffer" },
  ]);
  expect([...(graph?.locations ?? [])]).toEqual([["weights.pb", 800]]);
});

test("large weights are skipped, at one range each", async () => {
  const { graph, ranges } = await read(
    onnxFile([
      ["a", [1_000_000], "F32"],
      ["b", [1_000_000], "F32"],
    ]),
  );
  expect(graph?.tensors).toHaveLength(2);
  expect(ranges).toBe(2);
});

test("a graph of more large weights than are worth reading is not read", async () => {
  const rows = Array.from({ length: 100 }, (_, index) => [`w${index}`, [1_000_000], "F32"] as const);
  expect((await read(onnxFile(rows))).graph).toBeNull();
});

test("packed weights have the shape that their operator states; scales are none", async () => {
  const { graph } = await read(
    graphOf(
      node({ operator: "MatMulNBits", inputs: ["x", "w", "s", "z"], numbers: { K: 64, N: 128, bits: 4 } }),
      node({ operator: "GatherBlockQuantized", inputs: ["e", "i", "es"], numbers: { bits: 4 } }),
      field(5, tensor("w", [128, 2, 16], 2, 128 * 32)),
      field(5, tensor("s", [256], 1, 1024)),
      field(5, tensor("z", [128], 2, 128)),
      field(5, tensor("e", [1000, 32], 2, 32_000)),
      field(5, tensor("es", [1000, 2], 1, 8000)),
    ),
  );
  expect(graph?.tensors.map(({ name, shape, is }) => [name, shape, is])).toEqual([
    ["w", [128, 64], "weight"],
    ["s", [256], "scale"],
    ["z", [128], "scale"],
    ["e", [1000, 64], "weight"],
    ["es", [1000, 2], "scale"],
  ]);
});

test("a shape that its bytes cannot hold is a lie", async () => {
  const lie = graphOf(
    node({ operator: "MatMulNBits", inputs: ["x", "w"], numbers: { K: 1_000_000, N: 1_000_000 } }),
    field(5, tensor("w", [128, 2, 16], 2, 4096)),
  );
  await expect(read(lie)).rejects.toThrow("the shape of w does not fit its 4096 bytes");
});

test("a multiplication from the right has its weight transposed", async () => {
  const { graph } = await read(
    graphOf(
      node({ operator: "MatMul", inputs: ["x", "w"] }),
      node({ operator: "Gemm", inputs: ["x", "g"], numbers: { transB: 1 } }),
      field(5, tensor("w", [64, 10], 1, 2560)),
      field(5, tensor("g", [10, 64], 1, 2560)),
    ),
  );
  expect(graph?.tensors.map(({ shape }) => shape)).toEqual([
    [10, 64],
    [10, 64],
  ]);
});

test("weights of constants and of branches are found", async () => {
  const constant = node({
    operator: "Constant",
    inputs: [],
    outputs: ["k"],
    attributes: field(5, [...text(1, "value"), ...field(5, tensor("", [30], 1, 120))]),
  });
  const branch = node({
    operator: "If",
    inputs: ["c"],
    attributes: field(5, [...text(1, "then_branch"), ...field(6, field(5, tensor("t", [7, 7], 1, 196)))]),
  });
  const { graph } = await read(graphOf(constant, branch));
  expect(graph?.tensors.map(({ name, shape }) => [name, shape])).toEqual([
    ["k", [30]],
    ["t", [7, 7]],
  ]);
});

test.each<[string, Chunk[]]>([
  ["zeros", [5_000]],
  ["an empty file", []],
  ["text", [Buffer.from("<!doctype html>")]],
  ["a graph cut short", [...number(1, 8), varint(7 * 8 + 2), varint(1_000_000), 10]],
])("%s is not a graph", async (_, chunks) => {
  await expect(read(chunks)).rejects.toThrow(MalformedError);
});

test("any bytes, and a graph with errors, are a graph or malformed", async () => {
  const source = sourceOf(
    onnxFile([
      ["a", [10, 4], "F32"],
      ["b", [100, 4], "F16", "x"],
    ]),
  );
  const content = source.slice(0, source.size);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { maxLength: 5 }),
      async (changes) => {
        const mutant = content.slice();
        for (const [index, value] of changes) mutant[index] = value;
        const outcome = await read([mutant]).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MalformedError);
      },
    ),
    { numRuns: 500 },
  );
});
