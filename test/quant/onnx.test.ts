import { describe, expect, test } from "vitest";
import { ONNX } from "../../src/quant/onnx.ts";
import type { SchemeOptions } from "../../src/quant/scheme.ts";
import { fixtureModel } from "./fixtures.ts";
import { modelOf, predictWith, qwen2Of, reasonFor, weightOf } from "./tiny-model.ts";

const MINILM = "sentence-transformers/all-MiniLM-L6-v2";

/** The weights of Qwen/Qwen2.5-Coder-3B-Instruct. */
const coder3b = qwen2Of(
  { layers: 36, hidden: 2048, intermediate: 11_008, keyValue: 256, vocabulary: 151_936 },
  { num_attention_heads: 16, max_position_embeddings: 32_768 },
);

/** Files that really exist on the Hub, beside those of published-sizes.test.ts, and what their publishers chose. */
const FILES: readonly {
  readonly published: string;
  readonly base: string;
  readonly name: string;
  readonly bytes: number;
  readonly options?: SchemeOptions;
}[] = [
  { published: "onnx-community/Qwen3-0.6B-ONNX", base: "Qwen/Qwen3-0.6B", name: "q4", bytes: 919_096_585 },
  { published: "onnx-community/Qwen3-0.6B-ONNX", base: "Qwen/Qwen3-0.6B", name: "q4f16", bytes: 569_789_750 },
  {
    published: "google-bert/bert-base-uncased",
    base: "google-bert/bert-base-uncased",
    name: "fp32",
    bytes: 532_091_246,
    options: { separateHead: true },
  },
  {
    published: "openai-community/gpt2, decoder_model",
    base: "openai-community/gpt2",
    name: "fp32",
    bytes: 653_665_842,
    options: { separateHead: true },
  },
  { published: MINILM, base: MINILM, name: "fp32", bytes: 90_405_214 },
];

test.each(["q4", "q4f16", "bnb4"])("gpt2 in %s is unknown: its products are not replaced", (name) => {
  const reason = reasonFor(ONNX, name, fixtureModel("openai-community/gpt2"));
  expect(reason).toMatch(/would stay unquantized$/);
});

test.each(FILES)("$published at $name", ({ base, name, bytes, options }) => {
  const prediction = predictWith(ONNX, name, fixtureModel(base), options);
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(0.0025);
});

test.each([
  ["int8", 3_414_605_824],
  ["q4", 3_191_195_162],
  ["q4f16", 2_367_633_742],
  ["bnb4", 2_998_823_290],
  ["fp32", 13_605_872_020],
])("onnx-community/Qwen2.5-Coder-3B-Instruct at %s, which stores its head", (name, bytes) => {
  const prediction = predictWith(ONNX, name, coder3b, { separateHead: true });
  expect(Math.abs(prediction.bytes / bytes - 1)).toBeLessThan(0.0003);
});

describe("Xenova/whisper", () => {
  test.each([
    ["openai/whisper-tiny", "fp16", 16_519_776, 59_603_028],
    ["openai/whisper-tiny", "q8", 10_124_910, 30_727_765],
    ["openai/whisper-base", "fp16", 41_333_198, 104_742_968],
    ["openai/whisper-base", "q8", 23_200_850, 53_707_539],
  ])("%s at %s is an encoder and a merged decoder", (id, name, encoderBytes, decoderBytes) => {
    const { files = [], bytes } = predictWith(ONNX, name, fixtureModel(id));
    expect(files.map(({ path }) => path.replace(/_(?:fp16|quantized)/, ""))).toEqual([
      "onnx/encoder_model.onnx",
      "onnx/decoder_model_merged.onnx",
    ]);
    const [encoder = { bytes: 0 }, decoder = { bytes: 0 }] = files;
    expect(Math.abs(encoder.bytes / encoderBytes - 1)).toBeLessThan(0.0015);
    expect(Math.abs(decoder.bytes / decoderBytes - 1)).toBeLessThan(0.0015);
    expect(bytes).toBe(encoder.bytes + decoder.bytes);
  });

  test("at q4 the decoder of whisper-base is 140 MB, its head stored a second time", () => {
    const decoder = predictWith(ONNX, "q4", fixtureModel("openai/whisper-base")).files?.[1];
    expect(Math.round((decoder?.bytes ?? 0) / 1e6)).toBe(140);
  });
});

test.each([
  ["fp32", "onnx/model.onnx"],
  ["q8", "onnx/model_quantized.onnx"],
  ["uint8", "onnx/model_uint8.onnx"],
  ["q4f16", "onnx/model_q4f16.onnx"],
])("the file at %s is %s", (name, path) => {
  expect(predictWith(ONNX, name, fixtureModel(MINILM)).files?.map((file) => file.path)).toEqual([path]);
});

test("newer exports look up a 4-bit embedding: embed_tokens_q4 of onnx-community/Qwen3.5-0.8B-ONNX", () => {
  const config = { model_type: "llama", architectures: ["LlamaForCausalLM"], num_hidden_layers: 1 };
  const size = { hidden_size: 1024, num_attention_heads: 8, max_position_embeddings: 1 };
  const rows = (count: number) =>
    modelOf({ ...config, ...size }, weightOf("model.embed_tokens.weight", count, 1024));
  const options = { headBits: 4 };
  const bytesOfAll = predictWith(ONNX, "q4", rows(248_320), options).bytes;
  expect(bytesOfAll - predictWith(ONNX, "q4", rows(0), options).bytes).toBe(162_897_920);
});

test.each([
  ["a mixture of experts", fixtureModel("Qwen/Qwen3-30B-A3B")],
  ["a multimodal model", fixtureModel("google/gemma-3-4b-it")],
  ["a model without config.json", { weights: coder3b.weights, config: null }],
  [
    "an architecture not known",
    modelOf({ model_type: "odd", num_hidden_layers: 1 }, weightOf("a.weight", 2, 2)),
  ],
  ["more positions than any model has", { ...coder3b, config: qwen2OfPositions(1e12) }],
])("nothing is predicted for %s", (_what, subject) => {
  for (const { name } of ONNX.schemes) expect(reasonFor(ONNX, name, subject)).toEqual(expect.any(String));
});

function qwen2OfPositions(positions: number) {
  const sizes = { layers: 1, hidden: 64, intermediate: 64, keyValue: 64, vocabulary: 64 };
  return qwen2Of(sizes, { num_attention_heads: 1, max_position_embeddings: positions }).config;
}

/** The weights of google/vit-base-patch16-224. */
const vit = modelOf(
  {
    model_type: "vit",
    architectures: ["ViTForImageClassification"],
    num_hidden_layers: 12,
    hidden_size: 768,
  },
  weightOf("vit.embeddings.cls_token", 1, 1, 768),
  weightOf("vit.embeddings.position_embeddings", 1, 197, 768),
  weightOf("vit.embeddings.patch_embeddings.projection.weight", 768, 3, 16, 16),
  weightOf("vit.embeddings.patch_embeddings.projection.bias", 768),
  ...Array.from({ length: 12 }, (_, index) => `vit.encoder.layer.${index}.`).flatMap((layer) => [
    ...["attention.attention.query", "attention.attention.key", "attention.attention.value"].flatMap((name) =>
      linear(layer + name, 768, 768),
    ),
    ...linear(`${layer}attention.output.dense`, 768, 768),
    ...linear(`${layer}intermediate.dense`, 3072, 768),
    ...linear(`${layer}output.dense`, 768, 3072),
    ...["layernorm_before", "layernorm_after"].flatMap((name) => vectors(layer + name, 768)),
  ]),
  ...vectors("vit.layernorm", 768),
  ...linear("classifier", 1000, 768),
);

function linear(name: string, outputs: number, inputs: number) {
  return [weightOf(`${name}.weight`, outputs, inputs), weightOf(`${name}.bias`, outputs)];
}

function vectors(name: string, length: number) {
  return [weightOf(`${name}.weight`, length), weightOf(`${name}.bias`, length)];
}

test.each([
  ["fp32", {}, 346_462_718],
  ["uint8", { perChannel: false }, 87_749_559],
  ["q8", { perChannel: true }, 88_211_523],
] as const)("a ViT at %s, as torch.onnx and onnxruntime's quantizer write it", (name, options, bytes) => {
  expect(Math.abs(predictWith(ONNX, name, vit, options).bytes / bytes - 1)).toBeLessThan(0.0015);
});
