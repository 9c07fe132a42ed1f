import { expect, test } from "vitest";
import { collapseListing } from "../../../src/format/packages/collapse.ts";
import { foldLabelFolder } from "../../../src/format/packages/families.ts";
import { isLabelName, splitLabels } from "../../../src/format/packages/labels.ts";

function unitOf(path: string) {
  return collapseListing([{ path, bytes: 1 }]).units.map(foldLabelFolder)[0];
}

test.each([
  ["Llama-3.2-1B-Instruct-Q4_K_M.gguf", "Q4_K_M"],
  ["llama-2-7b.Q3_K_L.gguf", "Q3_K_L"],
  ["ggml-model-f16.gguf", "F16"],
  ["gemma-3-1b-it-qat-q4_0.gguf", "Q4_0"],
  ["gpt-oss-20b-mxfp4.gguf", "MXFP4"],
  ["Qwen3-30B-A3B-MXFP4_MOE.gguf", "MXFP4_MOE"],
  ["Qwen3-8B-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"],
  ["DeepSeek-R1-UD-IQ1_S-00001-of-00003.gguf", "UD-IQ1_S"],
  ["Qwen2.5-7B-Instruct-Q6_K_L.gguf", "Q6_K_L"],
  ["Phi-3-mini-4k-instruct-q4.gguf", "Q4"],
  ["Phi-3-mini-4k-instruct-fp16.gguf", "F16"],
  ["Meta-Llama-3.1-8B-Instruct-Q4_0_4_8.gguf", "Q4_0_4_8"],
  ["Model-IQ4_NL.gguf", "IQ4_NL"],
  ["Model-IQ3_XXS.gguf", "IQ3_XXS"],
  ["Model-IQ2_M.gguf", "IQ2_M"],
  ["TriLM_3.9B-TQ2_0.gguf", "TQ2_0"],
  ["ggml-model-i2_s.gguf", "I2_S"],
  ["Model-f16-Q8_0.gguf", "Q8_0"],
  ["Model.i1-Q2_K_S.gguf", "Q2_K_S"],
  ["BF16/gemma-3-27b-it-00001-of-00002.gguf", "BF16"],
  ["Q8_0/Model-Q4_K_S.gguf", "Q4_K_S"],
  ["Qwen3-8B.gguf", null],
  ["UQ4_0X.gguf", null],
])("the label of %s is %s", (path, label) => {
  expect(unitOf(path)?.label).toBe(label ?? "");
});

test.each([
  ["mmproj-gemma-3-4b-it-f16.gguf", "projector"],
  ["llava-v1.5-7b-mmproj-model-f16.gguf", "projector"],
  ["mmproj-model-f16.gguf", "projector"],
  ["mtp-Qwen3.6-27B-Q8_0.gguf", "draft"],
  ["Qwen3.6-27B-MTP-Q4_K_M.gguf", null],
  ["Qwen3-8B-imatrix.gguf", "training"],
  ["imatrix_unsloth.gguf", "training"],
  ["Qwen3-8B-Q8_0.gguf", null],
])("%s is not the model: %s", (path, role) => {
  expect(unitOf(path)?.role).toBe(role);
});

test.each([
  ["flux1-dev-fp8", "flux1-dev", "fp8"],
  ["qwen_2.5_vl_7b_fp8_scaled", "qwen-2-5-vl-7b", "fp8-scaled"],
  ["model_q4f16", "model", "q4f16"],
  ["model_qint8_avx512_vnni", "model", "qint8-avx512-vnni"],
  ["model_O4", "model", "o4"],
  ["encoder.int8", "encoder", "int8"],
  ["EncoderInt4", "encoder", "int4"],
  ["diffusion_pytorch_model.non_ema", "diffusion-pytorch-model", "non-ema"],
  ["v1-5-pruned-emaonly", "v1-5-pruned", "emaonly"],
  ["gemma-4-E2B-it_qualcomm_sm8750", "gemma-4-e2b-it", "qualcomm-sm8750"],
  ["gemma3-1b-it-int4_q8_ekv2048", "gemma3-1b-it", "int4-q8-ekv2048"],
  ["Qwen2.5-1.5B_W8A8_RK3588", "qwen2-5-1-5b", "w8a8-rk3588"],
  ["quantized", "quantized", ""],
  ["decoder_model_merged", "decoder-model-merged", ""],
])("%s is %s in %s", (name, stem, label) => {
  expect(splitLabels(name, "safetensors")).toEqual({ stem, label });
});

test.each([
  ["cpu-int4-rtn-block-32-acc-level-4", true],
  ["cpu_and_mobile", true],
  ["fp16", true],
  ["qwen-0.5b", false],
  ["text_encoder", false],
])("%s is a label: %s", (name, expected) => {
  expect(isLabelName(name)).toBe(expected);
});

/** Files of one package each, and what they are. */
test.each<[string, string[], string]>([
  [
    "a package of Core ML",
    ["X.mlpackage/Manifest.json", "X.mlpackage/Data/com.apple.CoreML/model.mlmodel"],
    "coreml",
  ],
  ["a compiled bundle", ["a/X.mlmodelc/model.mil", "a/X.mlmodelc/weights/weight.bin"], "coreml"],
  ["a graph of OpenVINO and its weights", ["face.xml", "face.bin"], "openvino"],
  ["ncnn", ["net.ncnn.param", "net.ncnn.bin"], "ncnn"],
  ["Paddle", ["inference.pdmodel", "inference.pdiparams"], "paddle"],
  ["Paddle 3", ["inference.json", "inference.pdiparams"], "paddle"],
  ["ExecuTorch with data", ["m.pte", "m.ptd"], "executorch"],
  [
    "a SavedModel",
    ["saved_model.pb", "variables/variables.data-00000-of-00001", "variables/variables.index"],
    "tensorflow",
  ],
  ["a distributed checkpoint", [".metadata", "__0_0.distcp", "__1_0.distcp"], "pytorch"],
  ["engines of two GPUs", ["rank0.engine", "rank1.engine"], "tensorrt"],
  ["TensorFlow.js", ["model.json", "group1-shard1of2", "group1-shard2of2.bin"], "tfjs"],
  ["ONNX with data", ["model.onnx", "model.onnx_data", "model.onnx_data_1"], "onnx"],
  ["ONNX of torch", ["model.onnx", "model.onnx.data"], "onnx"],
  ["ONNX of sherpa", ["encoder.onnx", "encoder.weights"], "onnx"],
  ["ranks of Meta", ["consolidated.00.pth", "consolidated.01.pth"], "pytorch"],
  ["MediaPipe", ["gemma-2b-it-gpu-int4.bin"], "mediapipe"],
  ["whisper.cpp", ["ggml-base.en.bin"], "ggml"],
])("%s is one package", (_, paths, format) => {
  const { units, rest } = collapseListing(paths.map((path) => ({ path, bytes: 1 })));
  expect(units).toHaveLength(1);
  expect(units[0]).toMatchObject({ format, missing: [] });
  expect(units[0]?.files.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
  expect(rest).toEqual([]);
});

test.each<[string, string[], string[]]>([
  ["shards", ["tf_model-00001-of-00003.h5", "tf_model-00003-of-00003.h5"], ["shard 2 of 3"]],
  ["ranks", ["consolidated.00.pth", "consolidated.02.pth"], ["rank 1"]],
  ["variables", ["saved_model.pb", "variables/variables.data-00000-of-00002"], ["part 1 of 2"]],
  ["the list of a distributed checkpoint", ["__0_0.distcp"], [".metadata"]],
])("%s are missed", (_, paths, missing) => {
  expect(collapseListing(paths.map((path) => ({ path, bytes: 1 }))).units[0]?.missing).toEqual(missing);
});

test("CTranslate2's model.bin is known by its vocabulary", () => {
  const paths = ["model.bin", "vocabulary.json", "config.json"];
  expect(collapseListing(paths.map((path) => ({ path, bytes: 1 }))).units[0]?.format).toBe("ctranslate2");
});
