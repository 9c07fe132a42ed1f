import { describe, expect, test } from "vitest";
import { isUnknown } from "../../src/contract/unknown.ts";
import { predict } from "../../src/quant/quantization.ts";
import { parseQuantization } from "../../src/quant/registry.ts";
import type { SchemeOptions } from "../../src/quant/scheme.ts";
import { computeSafetensorsBytes } from "../../src/quant/safetensors-file.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, weightOf } from "./tiny-model.ts";

const LLAMA = { model_type: "llama", architectures: ["LlamaForCausalLM"] };
const layer = weightOf("model.layers.0.mlp.up_proj.weight", 64, 256);

function bytesOf(name: string, options: SchemeOptions = {}, model = modelOf(LLAMA, layer)): number {
  const prediction = predict(parseQuantization(name, options), model);
  if (isUnknown(prediction)) throw new Error(prediction.reason);
  return prediction.bytes;
}

test.each([
  ["openvino:int8", {}, 64 * 256 + 64 * 3],
  ["openvino:int4", {}, 64 * 128 + 128 * 2.5], // two groups of 128 per row
  ["openvino:int4", { groupSize: 64 }, 64 * 128 + 256 * 2.5],
  ["openvino:int4", { symmetric: true }, 64 * 128 + 128 * 2],
  ["exl2:4.0bpw", {}, 64 * 128],
  ["exl3:4.0bpw", {}, 64 * 128 + 2 * (64 + 256)],
  ["hqq:4bit-g64", {}, 64 * 128 + 256 * 4 + 1_078],
  ["executorch:8da4w", {}, 64 * 128 + 512 * 4],
  ["coreml:int4", {}, 64 * 128 + 512 * 2],
  ["coreml:fp16", {}, 64 * 512],
])("a layer of 64 × 256 at %s with %j has %d bytes", (name, options, bytes) => {
  expect(bytesOf(name, options)).toBe(bytes);
});

test("rows that are no whole groups have smaller ones, down to 32", () => {
  const of = (inputs: number) =>
    bytesOf("openvino:int4", {}, modelOf(LLAMA, weightOf("model.layers.0.mlp.up_proj.weight", 64, inputs)));
  expect(of(96)).toBe(64 * 48 + 64 * 3 * 2.5);
  expect(() => of(80)).toThrow("would stay unquantized");
});

test.each([
  ["fp8", "F8_E4M3", 256, []],
  ["nvfp4", "U8", 128, [["weight_scale", "F8_E4M3", [64, 16]]]],
] as const)("modelopt:%s has a scale per layer and one for its activations", (name, dtype, columns, more) => {
  const stem = "model.layers.0.mlp.up_proj";
  const scale = name === "fp8" ? "weight_scale" : "weight_scale_2";
  expect(bytesOf(`modelopt:${name}`)).toBe(
    computeSafetensorsBytes([
      { name: `${stem}.weight`, dtype, shape: [64, columns] },
      ...more.map(([suffix, type, shape]) => ({ name: `${stem}.${suffix}`, dtype: type, shape })),
      { name: `${stem}.${scale}`, dtype: "F32", shape: [] },
      { name: `${stem}.input_scale`, dtype: "F32", shape: [] },
    ]),
  );
});

describe("choices of publishers", () => {
  test.each([
    [
      "openvino:int4",
      "microsoft/Phi-3-mini-4k-instruct",
      ["groups of 128", "symmetric, without zero points"],
    ],
    [
      "openvino:int4",
      "meta-llama/Llama-3.1-8B-Instruct",
      ["groups of 128", "symmetric, without zero points", "every layer in 4 bits"],
    ],
    ["openvino:int4", "meta-llama/Llama-2-7b-chat-hf", ["groups of 64", "asymmetric, with zero points"]],
    ["openvino:int8", "microsoft/Phi-3-mini-4k-instruct", []],
    ["genai:cpu-int4", "microsoft/Phi-3-mini-4k-instruct", ["blocks of 128"]],
    ["genai:gpu-int4", "Qwen/Qwen3-0.6B", ["blocks of 128", "tied output head stored once"]],
    ["exl3:4.0bpw", "meta-llama/Llama-3.1-8B-Instruct", ["head in 8 bits"]],
    ["modelopt:nvfp4", "Qwen/Qwen3-30B-A3B", ["attention in 16 bits"]],
    ["modelopt:nvfp4", "meta-llama/Llama-3.1-8B-Instruct", []],
  ])("%s of %s", (name, id, choices) => {
    const { scheme } = parseQuantization(name);
    expect(scheme.listChoices?.(fixtureModel(id)).map(({ because }) => because)).toEqual(choices);
  });
});

test.each([
  ["openvino:int4", "google-t5/t5-base"],
  ["exl3:4.0bpw", "google-bert/bert-base-uncased"],
  ["hqq:4bit-g64", "openai/whisper-tiny"],
  ["whisper.cpp:f16", "google/gemma-2b-it"],
  ["torchao:int4", "google-bert/bert-base-uncased"],
  ["genai:cpu-int4", "openai/whisper-tiny"],
  ["executorch:8da4w", "google-t5/t5-base"],
  ["coreml:int4", "google-bert/bert-base-uncased"],
])("%s is not predicted for %s", (name, id) => {
  expect(isUnknown(predict(parseQuantization(name), fixtureModel(id)))).toBe(true);
});

test("bare names are those of GGUF, not of whisper.cpp", () => {
  expect(parseQuantization("q8_0").name).toBe("gguf:Q8_0");
  expect(parseQuantization("whisper.cpp:q8_0").name).toBe("whisper.cpp:q8_0");
});
