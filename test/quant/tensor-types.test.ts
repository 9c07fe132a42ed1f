import { expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { predict } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import { groupTensors } from "../../src/quant/tensor-types.ts";
import { fixtureModel } from "./fixtures.ts";

function groupsOf(name: string, base: string): ReturnType<typeof groupTensors> {
  const prediction = predict(parseQuantization(name), fixtureModel(base));
  if (isUnknown(prediction) || !prediction.listTensors) throw new Error("its tensors are known");
  return groupTensors(prediction.listTensors());
}

test("google/gemma-2b at Q4_K_M: the critical layers have more bits", () => {
  const groups = groupsOf("Q4_K_M", "google/gemma-2b-it");
  expect(groups.filter(({ name }) => name.includes("attn_v"))).toEqual([
    {
      name: "blk.*.attn_v.weight",
      type: "Q6_K",
      layers: "0-1,4,7,10,13,15-17",
      tensors: 9,
      parameters: 4_718_592,
      bytes: 3_870_720,
    },
    {
      name: "blk.*.attn_v.weight",
      type: "Q4_K",
      layers: "2-3,5-6,8-9,11-12,14",
      tensors: 9,
      parameters: 4_718_592,
      bytes: 2_654_208,
    },
  ]);
  expect(groups.slice(0, 2).map(({ name, type, layers }) => [name, type, layers])).toEqual([
    ["output_norm.weight", "F32", null],
    ["token_embd.weight", "Q6_K", null],
  ]);
  const parameters = groups.reduce((sum, group) => sum + group.parameters, 0);
  expect(parameters).toBe(2_506_172_416);
});

test.each([
  ["onnx:q4", "fp32", "int4 block 32"],
  ["onnx:q8", "int8", "int8"],
  ["mlx:4bit", "4-bit g64", "4-bit g64"],
  ["mlx:mixed_3_6", "3-bit g64", "3-bit g64"],
  ["mlc:q4f16_1", "int4 g32", "int4 g32"],
  ["mediapipe:int4", "int4", "int8"],
  ["litert:int8", "int8", "int8"],
  ["bnb:nf4-dq", "BF16", "nf4"],
  ["gptq:4bit-channel", "F16", "int4 per channel"],
  ["awq:4bit-g128", "F16", "int4 g128"],
  ["ct:w8a8-fp8", "BF16", "F8_E4M3"],
  ["modelopt:nvfp4", "BF16", "nvfp4"],
  ["openvino:int4", "int8", "int4 g128"],
  ["exl3:4.0bpw", "F16", "4 bits"],
  ["torchao:fp8", "BF16", "F8_E4M3"],
  ["genai:cpu-int4", "fp32", "int4 block 32"],
  ["executorch:8da4w", "int8", "int4 g32"],
  ["coreml:int4", "int4 block 32", "int4 block 32"],
  ["hqq:4bit-g64", "F16", "4 bits, groups of 64"],
])("google/gemma-2b at %s has its embedding in %s and its queries in %s", (name, embedding, queries) => {
  const groups = groupsOf(name, "google/gemma-2b-it");
  const typesOf = (pattern: RegExp) =>
    groups.filter((group) => pattern.test(group.name)).map(({ type }) => type);
  expect(typesOf(/embed_tokens/)).toEqual([embedding]);
  expect(typesOf(/q_proj/)).toEqual([queries]);
});
