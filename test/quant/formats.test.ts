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
  ["coreml:palette4", {}, 64 * 128 + 16 * 2],
  ["coreml:palette6", { groupSize: 32 }, 64 * 192 + 2 * 64 * 2],
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

const GENAI_ALGORITHMS = ["k_quant", "k_quant_last", "k_quant_mixed", "rtn_last"].map(
  (name) => `int4_algo_config=${name}`,
);

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
    ["genai:cpu-int4", "microsoft/Phi-3-mini-4k-instruct", ["blocks of 128", ...GENAI_ALGORITHMS]],
    [
      "genai:gpu-int4",
      "Qwen/Qwen3-0.6B",
      ["blocks of 128", "tied output head stored once", ...GENAI_ALGORITHMS],
    ],
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

test.each([
  ["aqlm:2bit-1x16", "meta-llama/Llama-2-7b-chat-hf", 2_381_422_592],
  ["aqlm:1bit-1x8", "meta-llama/Llama-2-7b-chat-hf", 1_340_000_000],
  ["aqlm:2bit-2x8", "meta-llama/Llama-2-7b-chat-hf", 2_148_000_000],
])("%s of %s", (name, base, bytes) => {
  expect(Math.abs(bytesOf(name, {}, fixtureModel(base)) / bytes - 1)).toBeLessThan(0.005);
});

test("torchao at INT8-INT4 is unknown, with a reason", () => {
  expect(() => bytesOf("torchao:int8-int4")).toThrow("depending on its version");
});

/** What onnxruntime-genai's builder wrote for a Llama of 16 layers: model.onnx and model.onnx.data. */
test.each([
  ["cpu-int4", {}, 49_862_954],
  ["cpu-int4", { int4Algorithm: "rtn_last" }, 51_895_094],
  ["cpu-int4", { int4Algorithm: "k_quant" }, 50_734_305],
  ["cpu-int4", { int4Algorithm: "k_quant_last" }, 52_831_460],
  ["cpu-int4", { int4Algorithm: "k_quant_mixed" }, 57_681_139],
  ["gpu-int4", {}, 38_130_110],
  ["cpu-int4", { separateHead: false }, 33_430_269],
  ["cpu-int4", { separateHead: false, int4Algorithm: "k_quant_mixed" }, 41_264_866],
] as const)("genai:%s with %j", (name, options, bytes) => {
  const isTied = "separateHead" in options;
  expect(Math.abs(bytesOf(`genai:${name}`, options, llamaOf16Layers(isTied)) / bytes - 1)).toBeLessThan(
    0.0025,
  );
});

function llamaOf16Layers(isTied: boolean) {
  const matrices = [
    ["self_attn.q_proj", 512, 512],
    ["self_attn.k_proj", 128, 512],
    ["self_attn.v_proj", 128, 512],
    ["self_attn.o_proj", 512, 512],
    ["mlp.gate_proj", 1536, 512],
    ["mlp.up_proj", 1536, 512],
    ["mlp.down_proj", 512, 1536],
    ["input_layernorm", 512],
    ["post_attention_layernorm", 512],
  ] as const;
  const layers = Array.from({ length: 16 }, (_, index) =>
    matrices.map(([name, ...shape]) => weightOf(`model.layers.${index}.${name}.weight`, ...shape)),
  );
  return modelOf(
    {
      ...LLAMA,
      hidden_size: 512,
      num_hidden_layers: 16,
      num_attention_heads: 8,
      max_position_embeddings: 2048,
    },
    weightOf("model.embed_tokens.weight", 8000, 512),
    ...layers.flat(),
    weightOf("model.norm.weight", 512),
    ...(isTied ? [] : [weightOf("lm_head.weight", 8000, 512)]),
  );
}
