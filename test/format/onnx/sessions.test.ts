import { expect, test } from "vitest";
import { findOnnxVariants } from "../../../src/format/onnx/sessions.ts";
import { buildConfig, type JsonObject } from "../../../src/format/config.ts";

/** Files of `onnx/`, of 1, 2, 4, 8 … bytes, so that a sum tells which are in it. */
const list = (...names: string[]) => names.map((name, at) => ({ path: `onnx/${name}`, bytes: 2 ** at }));
const find = (names: string[], config: JsonObject | null) =>
  findOnnxVariants(list(...names), config && buildConfig(config)).map(({ dtype, bytes }) => [dtype, bytes]);

const architecture = (name: string, more: JsonObject = {}) => ({ architectures: [name], ...more });
const external = (format: unknown) => ({ "transformers.js_config": { use_external_data_format: format } });

const WHISPER = ["encoder_model.onnx", "decoder_model_merged.onnx"];
const GEMMA_3N = ["embed_tokens", "decoder_model_merged", "vision_encoder", "audio_encoder"];

test.each<[string, string[], JsonObject | null, [string, number][]]>([
  [
    "Xenova/distilbert-base-uncased-finetuned-sst-2-english",
    ["model.onnx", "model_quantized.onnx", "model_fp16.onnx", "model_q4.onnx"],
    architecture("DistilBertForSequenceClassification"),
    [
      ["fp32", 1],
      ["fp16", 4],
      ["q8", 2],
      ["q4", 8],
    ],
  ],
  ["no config", ["model.onnx"], null, [["fp32", 1]]],
  [
    "onnx-community/whisper-base, beside graphs that are alternatives",
    [...WHISPER, "decoder_model.onnx", "decoder_with_past_model.onnx"],
    architecture("WhisperForConditionalGeneration"),
    [["fp32", 3]],
  ],
  [
    "a dtype that one graph lacks",
    [...WHISPER, "encoder_model_q4.onnx"],
    architecture("WhisperForConditionalGeneration"),
    [["fp32", 3]],
  ],
  [
    "Xenova/bart-large-mnli, a classifier with an encoder and a decoder in one graph",
    ["model_quantized.onnx"],
    architecture("BartForSequenceClassification"),
    [["q8", 1]],
  ],
  [
    "onnx-community/gemma-3n-E2B-it-ONNX",
    GEMMA_3N.map((name) => `${name}_quantized.onnx`),
    architecture("Gemma3nForConditionalGeneration"),
    [["q8", 15]],
  ],
  [
    "Gemma 3 of 4B exported as text alone",
    ["model_q4.onnx", "model_q4.onnx_data"],
    architecture("Gemma3ForConditionalGeneration"),
    [["q4", 3]],
  ],
  [
    "onnx-community/Florence-2-base-ft",
    ["embed_tokens", "decoder_model_merged", "vision_encoder", "encoder_model"].map(
      (name) => `${name}_fp16.onnx`,
    ),
    architecture("Florence2ForConditionalGeneration", { is_encoder_decoder: true }),
    [["fp16", 15]],
  ],
  [
    "Xenova/slimsam-77-uniform",
    ["vision_encoder_quantized.onnx", "prompt_encoder_mask_decoder_quantized.onnx"],
    architecture("SamModel"),
    [["q8", 3]],
  ],
  ["nothing in onnx/", [], architecture("LlamaForCausalLM"), []],
  ["a graph of no model", ["tokenizer.onnx"], architecture("LlamaForCausalLM"), []],
])("%s", (_, names, config, variants) => {
  expect(find(names, config)).toEqual(variants);
});

const DATA = ["model_q4.onnx", "model_q4.onnx_data", "model_q4.onnx_data_1", "model_q4.onnx_data_3"];

test.each<[string, unknown, [string, number][]]>([
  ["nothing", undefined, [["q4", 7]]],
  ["false", false, [["q4", 7]]],
  ["true", true, [["q4", 7]]],
  ["a count", 2, [["q4", 7]]],
  ["a count beyond what is there", 3, []],
  ["a count for the file", { "model_q4.onnx": 2 }, [["q4", 7]]],
  ["a count for the graph, beyond what is there", { model: 3 }, []],
  ["another file's count", { "model.onnx": 3 }, [["q4", 7]]],
  ["text", "many", [["q4", 7]]],
])("data outside of the graph, the config declaring %s", (_, format, variants) => {
  expect(find(DATA, architecture("LlamaForCausalLM", external(format)))).toEqual(variants);
});

test("gives the files to fetch", () => {
  const files = [...list("model_fp16.onnx", "model_fp16.onnx_data"), { path: "model.onnx", bytes: 9 }];
  expect(findOnnxVariants(files, null)).toEqual([
    { dtype: "fp16", files: list("model_fp16.onnx", "model_fp16.onnx_data"), bytes: 3 },
  ]);
});
