import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedError } from "../../../src/format/malformed.ts";
import { readOnnxInitializers } from "../../../src/format/onnx/initializers.ts";
import { openBytes } from "../range-reader.ts";

const load = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../fixtures/onnx/${name}`, import.meta.url)));

async function read(content: Uint8Array, bytes?: number) {
  const { file, readRange } = openBytes(content, bytes);
  return readOnnxInitializers(file, readRange);
}

/** A protobuf field: a number, or bytes with their length. */
function field(id: number, content: number | Uint8Array): Uint8Array {
  const [type, value] = typeof content === "number" ? [0, content] : [2, content.length];
  return Buffer.concat([
    number(id * 8 + type),
    number(value),
    typeof content === "number" ? Buffer.of() : content,
  ]);
}

function number(value: number): Uint8Array {
  const rest = Math.floor(value / 128);
  return rest === 0
    ? Uint8Array.of(value)
    : Buffer.concat([Uint8Array.of((value % 128) + 128), number(rest)]);
}

const model = (...initializers: Uint8Array[]) =>
  field(7, Buffer.concat(initializers.map((initializer) => field(5, initializer))));
const weight = (...fields: Uint8Array[]) => Buffer.concat([field(8, Buffer.from("w")), ...fields]);

test.each([
  ["inline.onnx", null],
  ["external.onnx", "external.onnx_data"],
])("%s, as onnx writes it", async (name, dataFile) => {
  expect(await read(load(name))).toEqual([
    { name: "W", shape: [8, 4], dtype: "F32", bytes: 128, dataFile },
    { name: "B", shape: [4], dtype: "F16", bytes: 8, dataFile },
    { name: "I", shape: [4, 4], dtype: "I4", bytes: 8, dataFile: null },
  ]);
});

test("packed dimensions", async () => {
  const content = model(weight(field(1, Uint8Array.of(3, 5)), field(2, 1)));
  expect(await read(content)).toMatchObject([{ shape: [3, 5], bytes: 60 }]);
});

test("data is skipped, not read", async () => {
  const large = weight(field(1, 1_000_000), field(2, 1), field(9, new Uint8Array(4_000_000)));
  const opened = openBytes(model(large, large));
  expect(await readOnnxInitializers(opened.file, opened.readRange)).toHaveLength(2);
  expect(opened.reads.map(([begin, end]) => end - begin)).toEqual([64_000, 64_000]);
});

test("a graph in too many pieces is not known", async () => {
  const part = weight(field(1, 100_000), field(2, 2), field(9, new Uint8Array(100_000)));
  expect(await read(model(...Array.from({ length: 70 }, () => part)))).toBeNull();
  expect(
    await read(model(weight(...Array.from({ length: 70 }, () => field(4, new Uint8Array(70_000)))))),
  ).toBeNull();
});

test.each<[string, Uint8Array, RegExp]>([
  ["text", Buffer.from("version https://git-lfs.github.com/spec/v1"), /wire type|longer than its message/],
  ["a cut file", load("inline.onnx").subarray(0, 100), /longer than its message/],
  ["a data type of the future", model(weight(field(1, 2), field(2, 99))), /w has no size: data type 99/],
  ["2^56 elements", model(weight(field(1, 2 ** 28), field(1, 2 ** 28), field(2, 1))), /w has no size/],
  ["less data than the shape", model(weight(field(1, 2), field(2, 1), field(9, Buffer.alloc(4)))), /needs 8/],
  ["a long name", model(field(8, Buffer.alloc(2000, "a"))), /a name of 2000 bytes/],
  [
    "a field beyond its message",
    field(7, field(5, field(8, Buffer.from("w")).subarray(0, 2))),
    /longer than/,
  ],
  ["a group", Uint8Array.of(0x0b), /a field of wire type 3/],
  ["an endless number", Buffer.alloc(20, 0xff), /more than ten bytes/],
  ["65 dimensions", model(field(1, new Uint8Array(65))), /more than 64 dimensions/],
])("refuses %s", async (_, content, reason) => {
  await expect(read(content)).rejects.toThrow(reason);
  await expect(read(content)).rejects.toThrow(MalformedError);
});

test("any bytes are a graph or malformed", async () => {
  const content = load("external.onnx");
  const mutation = fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(content.length), async (changes, length) => {
      const mutant = content.slice();
      for (const [index, value] of changes) mutant[index] = value;
      const outcome = await read(mutant.subarray(0, length)).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MalformedError);
    }),
    { numRuns: 500 },
  );
});
