import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedError } from "../../../src/format/malformed.ts";
import { countElements } from "../../../src/format/tensor.ts";
import { readTorchTensors, type TorchCheckpoint } from "../../../src/format/torch/checkpoint.ts";
import { openBytes } from "../range-reader.ts";
import { writeZip, type ZipForm, type ZipRecord } from "./zip-file.ts";

const FIXTURES = new URL("../../../fixtures/", import.meta.url);
const load = (path: string) => new Uint8Array(readFileSync(new URL(path, FIXTURES)));

function read(content: Uint8Array, bytes?: number): Promise<TorchCheckpoint> {
  const { file, readRange } = openBytes(content, bytes);
  return readTorchTensors(file, readRange);
}

const countParameters = ({ tensors }: TorchCheckpoint) =>
  tensors
    .filter(({ sharedWith }) => sharedWith === null)
    .reduce((sum, { shape }) => sum + (countElements(shape) ?? NaN), 0);

describe("real checkpoints", () => {
  const truth = JSON.parse(readFileSync(new URL("checkpoints/truth.json", FIXTURES), "utf8")) as {
    id: string;
    params: number;
  }[];

  test.each([
    ["llama-bin", ["pytorch_model.bin"], 21],
    ["llama-legacybin", ["pytorch_model.bin"], 21],
    ["bert-bin", ["pytorch_model.bin"], 44],
    ["llama-shardedbin", ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"], 21],
  ])("%s has the parameters torch counts, in %o", async (id, files, tensors) => {
    const checkpoints = await Promise.all(files.map((file) => read(load(`checkpoints/${id}/${file}`))));
    const parameters = checkpoints.reduce((sum, checkpoint) => sum + countParameters(checkpoint), 0);
    expect(parameters).toBe(truth.find((row) => row.id === id)?.params);
    expect(checkpoints.flatMap((checkpoint) => checkpoint.tensors)).toHaveLength(tensors);
    expect(checkpoints.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(4 * parameters);
  });

  test("names, shapes and dtypes are those of the safetensors form", async () => {
    const { tensors } = await read(load("checkpoints/llama-bin/pytorch_model.bin"));
    const safetensors = load("checkpoints/llama/model.safetensors");
    const headerEnd = 8 + new DataView(safetensors.buffer).getUint32(0, true);
    const { __metadata__: _, ...entries } = JSON.parse(
      new TextDecoder().decode(safetensors.subarray(8, headerEnd)),
    ) as Record<string, { shape: number[]; dtype: string }>;
    expect(Object.fromEntries(tensors.map(({ name, shape, dtype }) => [name, { shape, dtype }]))).toEqual(
      Object.fromEntries(Object.entries(entries).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
    );
  });

  test.each(["llama-bin", "llama-legacybin"])("%s takes one read", async (id) => {
    const opened = openBytes(load(`checkpoints/${id}/pytorch_model.bin`));
    await readTorchTensors(opened.file, opened.readRange);
    expect(opened.reads).toEqual([[0, 64_000]]);
  });
});

describe("files of torch 2.11", () => {
  test("marks tensors that are one", async () => {
    const checkpoint = await read(load("torch/shared.bin"));
    expect(
      checkpoint.tensors.map(({ name, shape, bytes, sharedWith }) => [name, shape, bytes, sharedWith]),
    ).toEqual([
      ["embed.weight", [16, 8], 512, null],
      ["lm_head.weight", [16, 8], 512, "embed.weight"],
      ["head_t.weight", [8, 16], 512, null],
      ["rows.weight", [4, 8], 128, null],
      ["scalar", [], 4, null],
      ["empty", [0, 8], 0, null],
      ["position_ids", [1, 6], 48, null],
    ]);
    expect(checkpoint.bytes).toBe(512 + 4 + 0 + 48);
  });

  test("knows every dtype", async () => {
    const { tensors } = await read(load("torch/dtypes.bin"));
    expect(Object.fromEntries(tensors.map(({ name, dtype, bytes }) => [name, [dtype, bytes / 15]]))).toEqual({
      float32: ["F32", 4],
      float16: ["F16", 2],
      bfloat16: ["BF16", 2],
      float64: ["F64", 8],
      int64: ["I64", 8],
      int32: ["I32", 4],
      int16: ["I16", 2],
      int8: ["I8", 1],
      uint8: ["U8", 1],
      bool: ["BOOL", 1],
      complex64: ["C64", 8],
      complex128: ["C128", 16],
      uint16: ["U16", 2],
      uint32: ["U32", 4],
      uint64: ["U64", 8],
      float8_e4m3fn: ["F8_E4M3", 1],
      float8_e5m2: ["F8_E5M2", 1],
      float8_e4m3fnuz: ["F8_E4M3FNUZ", 1],
      float8_e5m2fnuz: ["F8_E5M2FNUZ", 1],
      float8_e8m0fnu: ["F8_E8M0", 1],
    });
  });

  test("finds the weights of a training checkpoint, not its optimizer", async () => {
    const { tensors, bytes } = await read(load("torch/training.ckpt"));
    const weights = tensors.filter(({ is }) => is !== "training");
    expect(weights.map(({ name, shape, dtype }) => [name, shape, dtype])).toEqual([
      ["0.weight", [3, 4], "F32"],
      ["0.bias", [3], "F32"],
      ["1.weight", [3], "F32"],
      ["1.bias", [3], "F32"],
      ["1.running_mean", [3], "F32"],
      ["1.running_var", [3], "F32"],
      ["1.num_batches_tracked", [], "I64"],
    ]);
    // The optimizer keeps two averages of each parameter, and counts steps.
    const training = tensors.filter(({ is }) => is === "training");
    expect(training.filter(({ name }) => name.endsWith("exp_avg"))).toHaveLength(4);
    expect(bytes).toBe(4 * (12 + 5 * 3) + 8 + training.reduce((sum, tensor) => sum + tensor.bytes, 0));
  });

  test("reads parameters, and tensors with attributes, in pickle protocol 4", async () => {
    const { tensors } = await read(load("torch/parameters.pt"));
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ["a", [3, 2]],
      ["b", [2, 3]],
      ["c", [4]],
    ]);
  });

  test("tells parameters from buffers of a pickled module", async () => {
    const { tensors } = await read(load("torch/module.pt"));
    expect(tensors.map(({ name, is }) => [name, is])).toEqual([
      ["0.weight", "weight"],
      ["0.bias", "weight"],
      ["1.weight", "weight"],
      ["1.bias", "weight"],
      ["1.running_mean", "buffer"],
      ["1.running_var", "buffer"],
      ["1.num_batches_tracked", "buffer"],
    ]);
  });

  test("counts a quantized tensor as the weights that it holds", async () => {
    const { tensors } = await read(load("torch/quantized.pt"));
    expect(tensors.map(({ name, shape, dtype, is }) => [name, shape, dtype, is])).toEqual([
      ["q", [4, 4], "I8", "weight"],
      ["w", [16, 8], "F32", undefined],
    ]);
  });
});

/** Pickle opcodes, one byte a letter. */
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const storage = (key: string, elements: string) =>
  `(${text("storage")}ctorch\nFloatStorage\n${text(key)}${text("cpu")}${elements}tQ`;
const tensor = (of: string, geometry: string) =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${of}${geometry}\x89)tR`;
const K = (value: number) => `K${String.fromCharCode(value)}`;
const WEIGHT = tensor(storage("0", K(6)), `${K(0)}(${K(2)}${K(3)}t(${K(3)}${K(1)}t`);
const dictionary = (...items: string[]) => `}(${items.join("")}u`;
const STATE_DICT = `\x80\x02${dictionary(text("weight"), WEIGHT)}.`;

const DATA: ZipRecord = { name: "model/data/0", data: new Uint8Array(24) };
const zipOf = (pickle: string, form?: ZipForm) =>
  writeZip([{ name: "model/data.pkl", data: pickle }, DATA], form);
const readPickle = (pickle: string) => read(zipOf(pickle));

describe("pickles", () => {
  test("makes tensors from opcodes", async () => {
    expect((await readPickle(STATE_DICT)).tensors).toEqual([
      { name: "weight", shape: [2, 3], dtype: "F32", bytes: 24, sharedWith: null },
    ]);
  });

  test.each([
    [
      "an OrderedDict of pairs, as Python 2 wrote it",
      `ccollections\nOrderedDict\n(]](${text("weight")}${WEIGHT}eatR`,
    ],
    ["a sharded Megatron-LM tree", dictionary(text("model"), dictionary(text("weight"), WEIGHT))],
    ["a dictionary beside an object", dictionary(text("args"), "cos\nsystem\n)R", text("weight"), WEIGHT)],
    ["a dictionary that holds itself", `}q\0(${text("model")}h\0${text("weight")}${WEIGHT}u`],
  ])("reads %s", async (_, pickle) => {
    expect((await readPickle(`\x80\x02${pickle}.`)).tensors.map(({ name }) => name)).toEqual(["weight"]);
  });

  test("never runs what a pickle calls", async () => {
    const pickle = `\x80\x02cos\nsystem\n(${text("touch /tmp/owned")}tR.`;
    await expect(readPickle(pickle)).rejects.toThrow("it is a pickled os.system, not named tensors");
  });

  test.each([
    ["no end", "", /has the opcode 0x50/],
    ["an empty stack", ".", /takes from an empty stack/],
    ["a mark that is not there", "t.", /uses a mark that it never set/],
    ["what lies under a mark", "}(0.", /empty|mark|no tensors/],
    ["an unknown memo", "h\x07.", /reads a memo entry that it never wrote/],
    ["the opcode of protocol 0", "S'x'\n.", /has the opcode 0x53, which torch does not write/],
    ["an extension", "\x82\x01.", /has the opcode 0x82/],
    ["no number", "Ix\n.", /contains an invalid number/],
    ["a global without text", "NN\x93.", /a global whose name is not text/],
    ["an endless name", `c${"a".repeat(300)}`, /a name longer than 200 bytes/],
    ["no dictionary", "N.", /it contains no tensors/],
    ["an empty dictionary", "}.", /it contains no tensors/],
    [
      "a long tensor name",
      dictionary(`X\xff\xff\0\0${"a".repeat(65535)}`, WEIGHT) + ".",
      /a name of more than/,
    ],
    ["opcodes without end", "N0".repeat(500_001), /more than 1000000 opcodes/],
    [
      "lists copied without end",
      `]q\0(${"N".repeat(70_000)}e${"ccollections\nOrderedDict\nh\0\x85R".repeat(30)}`,
      /copies/,
    ],
  ])("refuses %s", async (_, pickle, reason) => {
    await expect(readPickle(`\x80\x02${pickle}`)).rejects.toThrow(reason);
    await expect(readPickle(`\x80\x02${pickle}`)).rejects.toThrow(MalformedError);
  });

  test.each([
    [
      "a view beyond its storage",
      `${K(1)}(${K(2)}${K(3)}t(${K(3)}${K(1)}t`,
      /weight is larger than the storage/,
    ],
    [
      "strides beyond its storage",
      `${K(0)}(${K(2)}${K(3)}t(${K(4)}${K(1)}t`,
      /weight is larger than the storage/,
    ],
    ["an expanded tensor", `${K(0)}(${K(7)}t(${K(0)}t`, /weight is larger than the storage/],
    ["2^60 elements", `${K(0)}(J\0\0\0\x40J\0\0\0\x40t(${K(0)}${K(0)}t`, /more than 2\^53 elements/],
    ["a negative size", `${K(0)}(J\xff\xff\xff\xfft(${K(1)}t`, /a tensor without a shape/],
    ["a size that is no number", `${K(0)}(Nt(${K(1)}t`, /a tensor without a shape/],
    ["fewer strides than sizes", `${K(0)}(${K(2)}${K(3)}t(${K(1)}t`, /a tensor without a shape/],
  ])("refuses %s", async (_, geometry, reason) => {
    const weight = tensor(storage("0", K(6)), geometry);
    await expect(readPickle(`\x80\x02${dictionary(text("weight"), weight)}.`)).rejects.toThrow(reason);
  });

  test.each([
    [
      "more data than the file",
      storage("0", "J\0\0\0\x40"),
      /its tensors have 4294967296 bytes; the file has/,
    ],
    ["a storage without a size", storage("0", "N"), /the size of its storage 0 is missing/],
    ["a storage of two sizes", storage("0", K(6)) + storage("0", K(7)), /its storage 0 has two sizes/],
  ])("refuses %s", async (_, storages, reason) => {
    await expect(readPickle(`\x80\x02${storages}.`)).rejects.toThrow(reason);
  });
});

describe("archives", () => {
  const filler: ZipRecord = { name: "model/version", data: "3\n" };
  const record: ZipRecord = { name: "model/data.pkl", data: STATE_DICT };

  test.each<[string, ZipRecord[], ZipForm]>([
    ["in front", [record, DATA], {}],
    ["behind its data", [DATA, filler, record], {}],
    ["behind its data, with 64-bit offsets", [DATA, filler, record], { zip64: true }],
    ["behind its data, with a comment", [DATA, filler, record], { comment: "PK\x05\x06".padEnd(300, ".") }],
  ])("finds a pickle %s", async (_, records, form) => {
    expect((await read(writeZip(records, form))).tensors).toHaveLength(1);
  });

  test("a pickle behind its data takes three reads beside the first", async () => {
    const opened = openBytes(writeZip([{ ...DATA, data: new Uint8Array(1_000_000) }, record]));
    await readTorchTensors(opened.file, opened.readRange);
    expect(opened.reads).toHaveLength(4);
  });

  test("a long pickle is read on, each byte once", async () => {
    const names = Array.from(
      { length: 2000 },
      (_, index) => text(`weight.${index}`.padEnd(100, ".")) + WEIGHT,
    );
    const opened = openBytes(zipOf(`\x80\x02${dictionary(...names)}.`));
    expect((await readTorchTensors(opened.file, opened.readRange)).tensors).toHaveLength(2000);
    expect(opened.reads).toEqual([
      [0, 64_000],
      [64_000, 128_000],
      [128_000, 256_000],
      [256_000, opened.file.bytes],
    ]);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["a compressed record", writeZip([{ ...record, method: 8 }]), /compressed or encrypted/],
    ["an encrypted record", writeZip([{ ...record, flags: 1 }]), /compressed or encrypted/],
    ["no pickle", writeZip([DATA, filler]), /its zip archive does not contain data.pkl/],
    [
      "no directory",
      writeZip([DATA, record]).subarray(0, 300),
      /the directory of its zip archive is missing/,
    ],
    [
      "a file of text",
      Buffer.from("version https://git-lfs.github.com/spec/v1"),
      /neither a zip archive nor/,
    ],
    ["an empty file", Buffer.alloc(0), /neither a zip archive nor a pickle/],
    ["a plain pickle", Buffer.from(STATE_DICT, "latin1"), /its pickle was not written by torch.save/],
  ])("refuses %s", async (_, content, reason) => {
    await expect(read(content)).rejects.toThrow(reason);
    await expect(read(content)).rejects.toThrow(MalformedError);
  });
});

test.each([
  ["a zip archive", () => load("torch/training.ckpt")],
  ["a legacy file", () => load("checkpoints/llama-legacybin/pytorch_model.bin").subarray(0, 5000)],
  [
    "a repacked archive",
    () => writeZip([DATA, { name: "model/data.pkl", data: STATE_DICT }], { zip64: true }),
  ],
])("any bytes, and %s with errors, are a checkpoint or malformed", async (_, open) => {
  const content = open();
  const mutation = fc.array(fc.tuple(fc.nat(content.length - 1), fc.nat(255)), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.nat(content.length), async (changes, length) => {
      const mutant = content.slice();
      for (const [index, value] of changes) mutant[index] = value;
      for (const part of [mutant, mutant.subarray(0, length)]) {
        const outcome = await read(part, part.length + 110_000).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(MalformedError);
      }
    }),
    { numRuns: 300 },
  );
});
