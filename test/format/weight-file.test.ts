import { expect, test } from "vitest";
import { parseWeightFile } from "../../src/format/weight-file.ts";

test.each([
  // path                                                        format         folder  stem                variant  shard
  ["model.safetensors", "safetensors", "", "model", "", null],
  ["model-00002-of-00163.safetensors", "safetensors", "", "model", "", [2, 163]],
  ["model_00012-of-00072.safetensors", "safetensors", "", "model", "", [12, 72]], // bigscience/bloom
  ["model.fp16.safetensors", "safetensors", "", "model", "fp16", null],
  ["model.fp16-00001-of-00002.safetensors", "safetensors", "", "model", "fp16", [1, 2]],
  ["model-00001-of-00002.fp16.safetensors", "safetensors", "", "model", "fp16", [1, 2]], // older diffusers
  [
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "safetensors",
    "unet",
    "diffusion_pytorch_model",
    "non_ema",
    null,
  ],
  ["a/b/model.safetensors", "safetensors", "a/b", "model", "", null],
  ["pytorch_model.bin", "pytorch", "", "pytorch_model", "", null],
  ["original/consolidated.00.pth", "pytorch", "original", "consolidated.00", "", null],
  ["v1-5-pruned.ckpt", "pytorch", "", "v1-5-pruned", "", null],
  ["onnx/model_q4f16.onnx", "onnx", "onnx", "model_q4f16", "", null],
  ["onnx/model.onnx_data_2", "onnx", "onnx", "model", "", null],
  ["openvino/openvino_model.bin", "openvino", "openvino", "openvino_model", "", null],
  ["gemma-2b-it-gpu-int4.bin", "mediapipe", "", "gemma-2b-it-gpu-int4", "", null],
  ["gemma2-2b-it.task", "mediapipe", "", "gemma2-2b-it", "", null],
  ["gemma-3n-E2B-it-int4.litertlm", "litert", "", "gemma-3n-E2B-it-int4", "", null],
  ["tf_model.h5", "tensorflow", "", "tf_model", "", null],
  ["flax_model.msgpack", "flax", "", "flax_model", "", null],
  ["rust_model.ot", "rust", "", "rust_model", "", null],
  [
    "m.mlpackage/Data/com.apple.CoreML/weights/weight.bin",
    "coreml",
    "m.mlpackage/Data/com.apple.CoreML/weights",
    "weight",
    "",
    null,
  ],
  ["llama-2-7b.Q4_K_M.gguf", "gguf", "", "llama-2-7b.Q4_K_M", "Q4_K_M", null],
] as const)("%s", (path, format, folder, stem, variant, shard) => {
  expect(parseWeightFile({ path, bytes: 5 })).toEqual({
    path,
    bytes: 5,
    format,
    folder,
    stem,
    variant,
    shard: shard && { number: shard[0], count: shard[1] },
  });
});

test.each([
  "config.json",
  "model.safetensors.index.json",
  "tokenizer.model",
  "training_args.bin",
  "optimizer.pt",
  "optimizer.bin",
  "scheduler.pt",
  "rng_state_0.pth",
  "checkpoint-500/model.safetensors",
  "global_step1000/mp_rank_00_model_states.pt",
  "imatrix.dat",
  "imatrix_unsloth.gguf",
  "mmproj-model-f16.gguf",
  "events.out.tfevents.123",
  "safetensors",
  "",
])("%j holds no weights of the model", (path) => {
  expect(parseWeightFile({ path, bytes: 5 })).toBeNull();
});
