import { expect, test } from "vitest";
import { realModel, readRealModels, serveRealModel } from "./real-models.ts";
import { type TensorSpec, buildSafetensors, frameHeader, splitSafetensors } from "./safetensors-file.ts";

/** Sizes of the safetensors files, in order. */
function sizesOf(files: object): number[] {
  return Object.entries(files).flatMap(([path, source]) =>
    path.endsWith(".safetensors") ? [source.size as number] : [],
  );
}

function textOf(head: Uint8Array): string {
  return new TextDecoder().decode(head.subarray(8));
}

// Real sizes on the Hub, to the byte: header layout, order, padding and cut are the writer's own.
test.each([
  ["distilbert/distilbert-base-uncased", [267_954_768]],
  ["openai/whisper-base", [290_403_936]],
  ["google/gemma-2b-it", [4_945_242_264, 67_121_608]],
  ["microsoft/Phi-3-mini-128k-instruct", [4_972_489_328, 2_669_692_552]],
  ["mistralai/Mistral-7B-Instruct-v0.2", [4_943_162_336, 4_999_819_336, 4_540_516_344]],
])("%s has its real file sizes", (id, sizes) => {
  expect(sizesOf(serveRealModel(realModel(id)).files)).toEqual(sizes);
});

test("every dtype has its width, the widest first, then by name", () => {
  const tensors: TensorSpec[] = [
    ["b", [3], "F32"],
    ["1", [2], "F32"],
    ["scalar", [], "I64"],
    ["none", [2, 0], "BF16"],
    ["six", [4], "F6_E2M3"],
    ["four", [2, 3], "F4"],
  ];
  const { head, size } = buildSafetensors(tensors, null);
  expect(textOf(head).trimEnd()).toBe(
    '{"scalar":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"1":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},' +
      '"b":{"dtype":"F32","shape":[3],"data_offsets":[16,28]},' +
      '"none":{"dtype":"BF16","shape":[2,0],"data_offsets":[28,28]},' +
      '"six":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[28,31]},' +
      '"four":{"dtype":"F4","shape":[2,3],"data_offsets":[31,34]}}',
  );
  expect(head.length % 8).toBe(0);
  expect(size).toBe(head.length + 34);
  expect(() => buildSafetensors([["odd", [3], "F4"]])).toThrow("whole bytes");
});

test("a frame holds any text", () => {
  expect([...frameHeader("null")]).toEqual([8, 0, 0, 0, 0, 0, 0, 0, 110, 117, 108, 108, 32, 32, 32, 32]);
});

test("shards and the index that names them", () => {
  const tensors: TensorSpec[] = ["a", "b", "c"].map((name) => [name, [4], "F32"]);
  const files = splitSafetensors(tensors, { shards: 2 }, "unet/model");
  expect(Object.keys(files)).toEqual([
    "unet/model-00001-of-00002.safetensors",
    "unet/model-00002-of-00002.safetensors",
    "unet/model.safetensors.index.json",
  ]);
  const index = files["unet/model.safetensors.index.json"];
  expect(JSON.parse(index && "content" in index ? String(index.content) : "")).toEqual({
    metadata: { total_size: 48 },
    weight_map: {
      a: "model-00001-of-00002.safetensors",
      b: "model-00002-of-00002.safetensors",
      c: "model-00002-of-00002.safetensors",
    },
  });
  expect(() => splitSafetensors(tensors, { shards: 4 })).toThrow("4 shards");
});

test("all 53 real models can be served", () => {
  expect(readRealModels()).toHaveLength(53);
  expect(serveRealModel(realModel("openai/gpt-oss-20b")).info?.safetensors).toEqual({
    parameters: { BF16: 1_804_459_584, U8: 19_110_297_600 },
    total: 20_914_757_184,
  });
  const { files } = serveRealModel(realModel("openai-community/gpt2"), { shards: 3, otherFiles: true });
  expect(sizesOf(files)).toHaveLength(3);
  expect(files["onnx/decoder_model.onnx"]).toMatchObject({ size: 653_665_842 });
});
