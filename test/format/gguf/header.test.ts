import fc from "fast-check";
import { expect, test } from "vitest";
import { readGgufHeader } from "../../../src/format/gguf/header.ts";
import { MalformedError } from "../../../src/format/malformed.ts";
import { openBytes } from "../range-reader.ts";
import { writeGguf, type GgufFile, type GgufTensor, type MetadataValue } from "./gguf-file.ts";

function open(file: GgufFile) {
  const { header, bytes } = writeGguf(file);
  return openBytes(header, bytes);
}

const read = ({ file, readRange }: ReturnType<typeof openBytes>) => readGgufHeader(file, readRange);

const tensor: GgufTensor = { name: "output_norm.weight", shape: [64], type: "F32" };

/** Five tensors of Llama-3.1-8B-Instruct-Q4_K_M.gguf (bartowski/Meta-Llama-3.1-8B-Instruct-GGUF). */
const LLAMA: GgufFile = {
  metadata: {
    "general.architecture": "llama",
    "general.file_type": 15,
    "general.name": "Meta Llama 3.1 8B Instruct",
    "llama.block_count": 32,
    "llama.rope.freq_base": { f32: 500000 },
    "tokenizer.ggml.add_bos_token": true,
    "tokenizer.chat_template": "{{ messages }}".repeat(500),
    "tokenizer.ggml.token_type": Array.from({ length: 2000 }, () => 1),
    "example.head_count_kv": [4, 4, 8, 8],
  },
  tensors: [
    { name: "output.weight", shape: [128256, 4096], type: "Q6_K" },
    { name: "token_embd.weight", shape: [128256, 4096], type: "Q4_K" },
    { name: "blk.0.attn_k.weight", shape: [1024, 4096], type: "Q4_K" },
    { name: "blk.0.ffn_down.weight", shape: [4096, 14336], type: "Q6_K" },
    { name: "blk.0.attn_norm.weight", shape: [4096], type: "F32" },
  ],
};

test.each([
  ["version 3", {}],
  ["version 2", { version: 2 }],
  ["version 1", { version: 1 }],
  ["version 3, big-endian", { bigEndian: true }],
  ["version 1, big-endian", { version: 1, bigEndian: true }],
])("reads %s", async (_, form) => {
  const header = await read(open({ ...LLAMA, ...form }));
  expect(header).toMatchObject({ architecture: "llama", fileType: "Q4_K_M", split: null });
  expect(header.tensors.map(({ name, shape, dtype, bytes }) => [name, shape, dtype, bytes])).toEqual([
    ["output.weight", [128256, 4096], "Q6_K", 430_940_160],
    ["token_embd.weight", [128256, 4096], "Q4_K", 295_501_824],
    ["blk.0.attn_k.weight", [1024, 4096], "Q4_K", 2_359_296],
    ["blk.0.ffn_down.weight", [4096, 14336], "Q6_K", 48_168_960],
    ["blk.0.attn_norm.weight", [4096], "F32", 16_384],
  ]);
});

test("keeps small metadata only", async () => {
  const { metadata } = await read(open(LLAMA));
  expect(Object.fromEntries(metadata)).toEqual({
    "general.architecture": "llama",
    "general.file_type": 15,
    "general.name": "Meta Llama 3.1 8B Instruct",
    "llama.block_count": 32,
    "llama.rope.freq_base": 500000,
    "tokenizer.ggml.add_bos_token": true,
    "example.head_count_kv": [4, 4, 8, 8],
  });
});

test("reads a header of 11 MB once, in doubling steps", async () => {
  // As long as that of 248,000 tokens.
  const tokens = Array.from({ length: 2_480 }, (_, id) => `token ${id} `.padEnd(4_400, "."));
  const opened = open({ metadata: { "tokenizer.ggml.tokens": tokens }, tensors: [tensor] });
  expect((await read(opened)).tensors).toHaveLength(1);
  expect(opened.reads).toEqual([
    [0, 1_000_000],
    [1_000_000, 2_000_000],
    [2_000_000, 4_000_000],
    [4_000_000, 8_000_000],
    [8_000_000, opened.file.bytes],
  ]);
});

test("reads a long value in one step", async () => {
  const metadata = { "tokenizer.chat_template": "x".repeat(2_500_000) };
  const opened = open({ metadata, tensors: [tensor] });
  expect((await read(opened)).tensors).toHaveLength(1);
  expect(opened.reads).toEqual([
    [0, 1_000_000],
    [1_000_000, opened.file.bytes],
  ]);
});

test("reads no more than 64 MB", async () => {
  // A chat template of 60 MB, and behind it a million tensors without a name.
  const { header } = writeGguf({ metadata: { "tokenizer.chat_template": "" } });
  const view = new DataView(header.buffer);
  view.setBigUint64(8, 1_000_000n, true);
  view.setBigUint64(header.length - 8, 60_000_000n, true);
  const opened = openBytes(header, 200_000_000);
  await expect(read(opened)).rejects.toThrow("its header is longer than 64000000 bytes");
  expect(opened.reads.at(-1)?.[1]).toBe(64_000_000);
});

test("reads no more of a header that claims more than 64 MB", async () => {
  // A chat template that claims 100 MB of a file that has them.
  const { header } = writeGguf({ metadata: { "tokenizer.chat_template": "" } });
  new DataView(header.buffer).setBigUint64(header.length - 8, 100_000_000n, true);
  const opened = openBytes(header, 200_000_000);
  await expect(read(opened)).rejects.toThrow("its header is longer than 64000000 bytes");
  expect(opened.reads).toEqual([[0, 1_000_000]]);
});

test("a tensor of an unknown type has what lies before the next", async () => {
  const tensors = [
    { name: "a", shape: [4, 7], type: 36, bytes: 96 },
    { ...tensor, name: "b" },
    { name: "c", shape: [4, 7], type: 99, bytes: 64 },
  ];
  expect((await read(open({ tensors }))).tensors.map(({ dtype, bytes }) => [dtype, bytes])).toEqual([
    ["type_36", 96],
    ["F32", 256],
    ["type_99", 64],
  ]);
});

test("says which part of a split model it is", async () => {
  const metadata = {
    "split.no": { u16: 1 },
    "split.count": { u16: 3 },
    "split.tensors.count": { raw: [5, Uint8Array.of(291 & 255, 291 >> 8, 0, 0)] as const },
  };
  expect((await read(open({ metadata }))).split).toEqual({ index: 1, count: 3, tensors: 291 });
});

test.each([
  [1024 + 7, "Q8_0"],
  [38, "MXFP4_MOE"],
  [4242, null],
])("file type %i is %s", async (id, name) => {
  expect((await read(open({ metadata: { "general.file_type": id } }))).fileType).toBe(name);
});

const withMetadata = (value: MetadataValue): GgufFile => ({ metadata: { key: value } });
const raw = (type: number, ...bytes: number[]): GgufFile =>
  withMetadata({ raw: [type, Uint8Array.from(bytes)] });
/** An array, as the begin of a value: its item type and a length of 64 bits. */
const array = (type: number, length = 1) => [type, 0, 0, 0, length, 0, 0, 0, 0, 0, 0, 0];
const nested = Array.from({ length: 5 }, () => array(9)).flat();

test.each<[string, GgufFile, RegExp]>([
  ["version 4", { version: 4 }, /GGUF version 4 is unknown/],
  ["a value type of the future", raw(13), /a value of type 13/],
  ["an item type of the future", raw(9, ...array(13)), /a value of type 13/],
  ["deep arrays", raw(9, ...nested), /nests arrays too deep/],
  ["an array beyond the file", raw(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), /in the middle of its header/],
  ["a string beyond 2^53", raw(8, 255, 255, 255, 255, 255, 255, 255, 255), /a length beyond 2\^53/],
  [
    "an odd alignment",
    { metadata: { "general.alignment": 24 } },
    /aligned to 24 bytes, which is not a power of two/,
  ],
  ["no alignment", { metadata: { "general.alignment": 0 } }, /not a power of two/],
  ["nine dimensions", { tensors: [{ ...tensor, shape: [1, 1, 1, 1, 1, 1, 1, 1, 1] }] }, /9 dimensions/],
  ["2^60 elements", { tensors: [{ ...tensor, shape: [2 ** 30, 2 ** 30] }] }, /more than 2\^53 elements/],
  ["a short row", { tensors: [{ name: "w", shape: [256, 48], type: "Q4_0" }] }, /not whole blocks of Q4_0/],
  ["one name twice", { tensors: [{ ...tensor, offset: 8 }, tensor] }, /two tensors of one name/],
  ["data off its alignment", { tensors: [{ ...tensor, offset: 8, shape: [4] }] }, /is not aligned/],
  ["data beyond the file", { tensors: [{ ...tensor, offset: 32 }] }, /ends beyond the file/],
  [
    "data twice",
    {
      tensors: [
        { ...tensor, name: "a" },
        { ...tensor, name: "b", offset: 0 },
      ],
    },
    /overlaps the next/,
  ],
])("refuses %s", async (_, file, reason) => {
  await expect(read(open(file))).rejects.toThrow(reason);
  await expect(read(open(file))).rejects.toThrow(MalformedError);
});

test("refuses more tensors than any model has", async () => {
  const { header } = writeGguf({});
  new DataView(header.buffer).setBigUint64(8, 2n ** 52n, true);
  await expect(read(openBytes(header))).rejects.toThrow("it claims 4503599627370496 tensors");
});

test.each([
  ["", "it ends in the middle of its header"],
  ["GGUF", "it ends in the middle of its header"],
  ["version https://git-lfs.github.com/spec/v1", "it does not begin with GGUF"],
])("refuses a file of %o", async (text, reason) => {
  const { file, readRange } = openBytes(new TextEncoder().encode(text));
  await expect(readGgufHeader(file, readRange)).rejects.toThrow(reason);
});

test("empty tensors share an offset with the next", async () => {
  const tensors: GgufTensor[] = [{ name: "empty", shape: [0, 64], type: "F32" }, tensor];
  expect((await read(open({ tensors }))).tensors.map(({ bytes }) => bytes)).toEqual([0, 256]);
});

test("any bytes are a header or malformed", async () => {
  const { header, bytes } = writeGguf(LLAMA);
  const mutation = fc.array(fc.tuple(fc.nat(header.length - 1), fc.nat(255)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(header.length), async (changes, length) => {
      const mutant = header.slice();
      for (const [index, value] of changes) mutant[index] = value;
      const whole = openBytes(mutant, bytes);
      const cut = openBytes(mutant.subarray(0, length));
      for (const opened of [whole, cut]) {
        const outcome = await read(opened).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MalformedError);
        expect(opened.reads.every(([, end]) => end <= 64_000_000)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
