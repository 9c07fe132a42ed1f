import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError } from "../../src/format/malformed.ts";
import {
  MAX_HEADER_BYTES,
  parseHeaderLength,
  parseSafetensorsHeader,
  readSafetensorsHeader,
} from "../../src/format/safetensors.ts";
import { countElements, type Tensor } from "../../src/format/tensor.ts";
import { DTYPE_BITS } from "../../src/source/tensor.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The header of a file that holds `dataBytes` bytes of data after it. */
function parse(text: string, dataBytes = 0): Tensor[] {
  const header = encode(text);
  return parseSafetensorsHeader(header, 8 + header.length + dataBytes);
}

const entry = (dtype: string, shape: string, begin: string | number, end: string | number) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe("the length", () => {
  const start = (length: bigint, rest = 8) => {
    const bytes = new Uint8Array(8 + rest);
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    return bytes;
  };

  test.each([
    ["the shortest header", start(2n), 10, 2],
    ["up to the last byte", start(100n), 108, 100],
    ["the longest header", start(25_000_000n), 1e9, MAX_HEADER_BYTES],
  ])("%s", (_what, bytes, fileBytes, length) => {
    expect(parseHeaderLength(bytes, fileBytes)).toBe(length);
  });

  test("is read where the bytes stand in a larger buffer", () => {
    const buffer = new Uint8Array([9, 9, 9, ...start(2n)]);
    expect(parseHeaderLength(buffer.subarray(3), 10)).toBe(2);
  });

  test.each([
    ["an empty file", new Uint8Array(), 0, /0 bytes, too few/],
    ["seven bytes", new Uint8Array(7), 7, /7 bytes, too few/],
    ["only a length", start(60n, 0), 8, /60 bytes in a file of 8/],
    ["nothing", start(0n), 1_000, /claims 0 bytes/],
    ["one byte", start(1n), 1_000, /claims 1 bytes/],
    ["0xffffff000000003c", start(0xffffff000000003cn), 1_000, /18446742974197923900 bytes; at most 25000000/],
    ["just too long", start(25_000_001n), 1e9, /at most/],
    ["beyond the file", start(101n), 108, /101 bytes in a file of 108/],
    [
      "a Git LFS pointer",
      encode("version https://git-lfs.github.com/spec/v1\noid sha256:0"),
      134,
      /it is text.*version https/,
    ],
    ["a sign-in page", encode("<!DOCTYPE html><html>"), 5_000, /it is text.*<!DOCTYPE html>/],
  ])("refuses %s", (_what, bytes, fileBytes, message) => {
    expect(() => parseHeaderLength(bytes, fileBytes)).toThrow(MalformedError);
    expect(() => parseHeaderLength(bytes, fileBytes)).toThrow(message);
  });
});

describe("valid and odd", () => {
  test.each([
    ["no tensors", "{}", 0, []],
    [
      "spaces behind, as every writer pads",
      `{"w":${entry("F32", "[2,2]", 0, 16)}}   `,
      16,
      [["w", [2, 2], "F32", 16]],
    ],
    ["other white space behind", "{}\r \t\n", 0, []],
    ["white space in front", "\t\n\r {}", 0, []],
    ["a scalar", `{"w":${entry("F32", "[]", 0, 4)}}`, 4, [["w", [], "F32", 4]]],
    ["nothing in it", `{"w":${entry("I32", "[2,0]", 0, 0)}}`, 0, [["w", [2, 0], "I32", 0]]],
    [
      "nothing between two others",
      `{"c":${entry("U8", "[3]", 2, 5)},"b":${entry("U8", "[0]", 2, 2)},"a":${entry("U8", "[2]", 0, 2)}}`,
      5,
      [
        ["a", [2], "U8", 2],
        ["b", [0], "U8", 0],
        ["c", [3], "U8", 3],
      ],
    ],
    [
      "metadata",
      `{"__metadata__":{"format":"pt"},"w":${entry("U8", "[1]", 0, 1)}}`,
      1,
      [["w", [1], "U8", 1]],
    ],
    [
      "a name in escapes, with a quote and a colon",
      `{"\\u0061\\":\\\\":${entry("U8", "[1]", 0, 1)}}`,
      1,
      [['a":\\', [1], "U8", 1]],
    ],
    ["__proto__ as a name", `{"__proto__":${entry("U8", "[1]", 0, 1)}}`, 1, [["__proto__", [1], "U8", 1]]],
    [
      "a number as a name",
      `{"b":${entry("U8", "[1]", 0, 1)},"7":${entry("U8", "[1]", 1, 2)}}`,
      2,
      [
        ["b", [1], "U8", 1],
        ["7", [1], "U8", 1],
      ],
    ],
    ["an empty name", `{"":${entry("U8", "[1]", 0, 1)}}`, 1, [["", [1], "U8", 1]]],
    [
      "a field of a later version",
      `{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"layout":"rows"}}`,
      1,
      [["w", [1], "U8", 1]],
    ],
    [
      "a dtype of a later version: its bytes are known",
      `{"w":${entry("F3_E1M1", "[8]", 0, 3)}}`,
      3,
      [["w", [8], "F3_E1M1", 3]],
    ],
    ["a claim in the metadata", `{"__metadata__":{"total_parameters":"999000000000"}}`, 0, []],
  ] as const)("%s", (_what, text, dataBytes, tensors) => {
    expect(parse(text, dataBytes)).toEqual(
      tensors.map(([name, shape, dtype, bytes]) => ({ name, shape, dtype, bytes })),
    );
  });

  test.each(Object.entries(DTYPE_BITS))("%s has %i bits", (dtype, bits) => {
    expect(parse(`{"w":${entry(dtype, "[4,2]", 0, bits)}}`, bits)).toMatchObject([{ dtype, bytes: bits }]);
    expect(() => parse(`{"w":${entry(dtype, "[4,2]", 0, bits + 1)}}`, bits + 1)).toThrow(/do not fill/);
  });
});

describe("refuses", () => {
  const many = (count: number, end: number) =>
    `{${Array.from({ length: count }, (_, index) => `"weight_${index}":${entry("U8", `[${end}]`, 0, end)}`).join()}}`;

  test.each([
    // What is no JSON object.
    ["a lone brace", "{", 0, /not JSON/],
    ["nothing at all", "", 0, /not JSON/],
    ["NUL padding", "{}\0\0", 0, /not JSON/],
    ["a byte-order mark", "\uFEFF{}", 0, /not JSON/],
    ["null", "null", 0, /not a JSON object/],
    ["a list", "[]", 0, /not a JSON object/],
    ["a string", '"x"', 0, /not a JSON object/],
    ["a number", "12", 0, /not a JSON object/],
    // Keys.
    [
      "the same tensor twice",
      `{"w":${entry("U8", "[1]", 0, 1)},"w":${entry("U8", "[1]", 0, 1)}}`,
      1,
      /same key twice/,
    ],
    [
      "the same tensor twice, once in escapes",
      `{"w":${entry("U8", "[1]", 0, 1)},"\\u0077":${entry("U8", "[1]", 0, 1)}}`,
      1,
      /same key twice/,
    ],
    [
      "the same field twice",
      '{"w":{"dtype":"F32","dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
      /same key twice/,
    ],
    [
      "__proto__ twice",
      `{"__proto__":${entry("U8", "[1]", 0, 1)},"__proto__":${entry("U8", "[1]", 0, 1)}}`,
      1,
      /same key twice/,
    ],
    ["metadata twice", '{"__metadata__":{},"__metadata__":{}}', 0, /same key twice/],
    ["metadata that is no map", '{"__metadata__":"pt"}', 0, /__metadata__/],
    ["a number in the metadata", '{"__metadata__":{"total_parameters":999000000000}}', 0, /__metadata__/],
    ["an object in the metadata", '{"__metadata__":{"a":{}}}', 0, /__metadata__/],
    ["an entry that is no object", '{"w":null}', 0, /not an object/],
    ["an entry that is a list", '{"w":["U8",[1],[0,1]]}', 1, /not an object/],
    ["no dtype", '{"w":{"shape":[1],"data_offsets":[0,1]}}', 1, /dtype/],
    ["no shape", '{"w":{"dtype":"U8","data_offsets":[0,1]}}', 1, /shape/],
    ["no offsets", '{"w":{"dtype":"U8","shape":[1]}}', 1, /data_offsets/],
    [
      "fields only in a prototype",
      '{"w":{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}}',
      1,
      MalformedError,
    ],
    ["a dtype that is no text", '{"w":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}', 1, /dtype/],
    // Shapes.
    ["a shape in one number", `{"w":${entry("U8", "4", 0, 4)}}`, 4, /shape/],
    ["a negative dimension", `{"w":${entry("U8", "[-1,-1]", 0, 1)}}`, 1, /shape/],
    ["half a dimension", `{"w":${entry("U8", "[1.5]", 0, 1)}}`, 1, /shape/],
    ["a dimension in quotes", `{"w":${entry("U8", '["1"]', 0, 1)}}`, 1, /shape/],
    ["a dimension of 2^64 − 2", `{"w":${entry("U8", "[2,18446744073709551614]", 0, 4)}}`, 4, /shape/],
    ["a dimension of 2^63 − 1", `{"w":${entry("U8", "[2,9223372036854775807]", 0, 4)}}`, 4, /shape/],
    ["a dimension of infinity", `{"w":${entry("U8", "[1e400]", 0, 4)}}`, 4, /shape/],
    ["a product beyond 2^53", `{"w":${entry("F4", "[4600000000000,4600000000000]", 0, 4)}}`, 4, /2\^53/],
    [
      "dimensions of 1.8e308 parameters in all",
      `{"w":${entry("F4", `[${Array(20).fill(4e15).join()}]`, 0, 4)}}`,
      4,
      /2\^53/,
    ],
    ["4 bytes for four I32", `{"w":${entry("I32", "[2,2]", 0, 4)}}`, 4, /do not fill/],
    ["an odd number of F4", `{"w":${entry("F4", "[3]", 0, 2)}}`, 2, /do not fill/],
    [
      "ten tensors of 2 GB in a file of 673 bytes",
      `{${Array.from({ length: 10 }, (_, i) => `"w${i}":${entry("U8", "[2000000000]", i * 2e9, (i + 1) * 2e9)}`).join()}}`,
      0,
      /describes 20000000\d+ bytes/,
    ],
    // Offsets.
    ["ten tensors in one place", many(10, 16), 16, /begins at 0, not at 16/],
    [
      "a hole",
      `{"a":${entry("U8", "[1]", 0, 1)},"b":${entry("U8", "[1]", 2, 3)}}`,
      3,
      /data of b begins at 2, not at 1/,
    ],
    ["a hole in front", `{"a":${entry("U8", "[1]", 1, 2)}}`, 2, /begins at 1, not at 0/],
    ["an end before the beginning", `{"a":${entry("U8", "[0]", 8, 0)}}`, 8, /ends before it begins/],
    ["a negative offset", `{"a":${entry("U8", "[1]", -1, 0)}}`, 0, /data_offsets/],
    ["half an offset", `{"a":${entry("U8", "[1]", "0.5", "1.5")}}`, 1, /data_offsets/],
    ["an offset of 2^53", `{"a":${entry("U8", "[1]", 0, 2 ** 53)}}`, 1, /data_offsets/],
    ["one offset", '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}', 1, /data_offsets/],
    ["three offsets", '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}', 1, /data_offsets/],
    // The end of the file.
    [
      "bytes behind the data, as of a file that is two",
      `{"a":${entry("U8", "[1]", 0, 1)}}`,
      100,
      /the file has/,
    ],
    ["two bytes missing", `{"a":${entry("F32", "[4]", 0, 16)}}`, 14, /the file has/],
    ["data without tensors", "{}", 1, /the file has/],
  ] as const)("%s", (_what, text, dataBytes, problem) => {
    expect(() => parse(text, dataBytes)).toThrow(MalformedError);
    expect(() => parse(text, dataBytes)).toThrow(problem);
  });

  test("bytes that are not UTF-8", () => {
    const header = Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7b, 0x7d, 0x7d]);
    expect(() => parseSafetensorsHeader(header, 16)).toThrow(/not JSON/);
  });

  test("100,000 tensors in one place, at once", () => {
    expect(() => parse(many(100_000, 16), 16)).toThrow(/begins at 0, not at 16/);
  });

  test("200,000 brackets in each other, without running out of stack", () => {
    const deep = `${"[".repeat(2e5)}${"]".repeat(2e5)}`;
    expect(() => parse(`{"w":{"dtype":"U8","shape":${deep},"data_offsets":[0,0]}}`)).toThrow(/shape/);
  });

  test("a long name with a short message", () => {
    expect(() => parse(`{"${"x".repeat(1e6)}":null}`)).toThrow(/^.{1,150}$/);
  });
});

const root = new URL("../../fixtures/checkpoints/", import.meta.url);
const realFiles = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".safetensors"))
  .map((path) => ({ path, bytes: new Uint8Array(readFileSync(new URL(path.replaceAll("\\", "/"), root))) }));

const read = (bytes: Uint8Array) =>
  readSafetensorsHeader({ bytes: bytes.length }, async (begin, end) => bytes.slice(begin, end));

describe("files that safetensors itself wrote", () => {
  test("there are fifteen", () => expect(realFiles).toHaveLength(15));

  test.each(realFiles)("$path", async ({ bytes }) => {
    const tensors = await read(bytes);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(8 + length + tensors.reduce((sum, tensor) => sum + tensor.bytes, 0)).toBe(bytes.length);
    for (const { shape, dtype, bytes: own } of tensors)
      expect(own).toBe(((countElements(shape) ?? 0) * DTYPE_BITS[dtype as keyof typeof DTYPE_BITS]) / 8);
  });

  test("llama has the tensors of its class", async () => {
    const llama = realFiles.find(({ path }) => path.startsWith("llama/"));
    const tensors = await read(llama?.bytes ?? new Uint8Array());
    expect(tensors.map(({ name }) => name)).toContain("model.layers.0.self_attn.q_proj.weight");
  });
});

describe("reading", () => {
  test.each([
    // A header of 32,000 − 8 bytes still comes with the first read; one of the peers forgets the eight.
    [31_992, [[0, 32_000]]],
    [
      31_993,
      [
        [0, 32_000],
        [32_000, 32_001],
      ],
    ],
    [
      100_000,
      [
        [0, 32_000],
        [32_000, 100_008],
      ],
    ],
  ])("a header of %i bytes takes these ranges", async (length, expected) => {
    const bytes = new Uint8Array(8 + length + 50_000).fill(0x20);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
    bytes.set(encode(`{"w":${entry("U8", "[50000]", 0, 50_000)}}`), 8);
    const ranges: number[][] = [];
    const tensors = await readSafetensorsHeader({ bytes: bytes.length }, async (begin, end) => {
      ranges.push([begin, end]);
      return bytes.slice(begin, end);
    });
    expect(tensors).toMatchObject([{ name: "w", bytes: 50_000 }]);
    expect(ranges).toEqual(expected);
  });

  test("never asks beyond the end of the file", async () => {
    const bytes = Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
    const ends: number[] = [];
    await readSafetensorsHeader({ bytes: 10 }, async (begin, end) => {
      ends.push(end);
      return bytes.slice(begin, end);
    });
    expect(ends).toEqual([10]);
  });
});

describe("whatever the bytes", () => {
  /** A list of tensors that is consistent in itself, or a MalformedError. */
  async function check(bytes: Uint8Array): Promise<void> {
    try {
      const tensors = await read(bytes);
      for (const { shape } of tensors) expect(countElements(shape)).not.toBeNull();
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedError);
    }
  }

  test("arbitrary ones", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), check));
  });

  test("arbitrary JSON as the header", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.nat(64), async (text, dataBytes) => {
        const header = encode(text);
        const bytes = new Uint8Array(8 + header.length + dataBytes);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
        bytes.set(header, 8);
        await check(bytes);
      }),
    );
  });

  test("real files with some bytes changed, or cut", async () => {
    const small = realFiles.filter(({ bytes }) => bytes.length < 60_000);
    const change = fc.record({ at: fc.nat(5_000), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...small),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(6_000)),
        async (file, changes, cut) => {
          const bytes = file.bytes.slice(0, cut ?? undefined);
          for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
          await check(bytes);
        },
      ),
      { numRuns: 300 },
    );
  });
});
