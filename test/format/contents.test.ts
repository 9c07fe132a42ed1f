import { expect, test } from "vitest";
import { describeContents } from "../../src/format/contents.ts";

test.each([
  ["TheBloke/Llama-2-7B-GGUF", ["llama-2-7b.Q4_K_M.gguf", "llama-2-7b.Q8_0.gguf"], "it holds 2 GGUF files"],
  [
    "openai-community/openai-gpt of old",
    ["pytorch_model.bin", "tf_model.h5", "rust_model.ot"],
    "it holds 1 PyTorch file, 1 TensorFlow file, 1 Rust file",
  ],
  ["onnx-community", ["onnx/model.onnx", "onnx/model_q4.onnx"], "it holds 2 ONNX files"],
  ["weights in folders only", ["a/x.safetensors", "b/y.safetensors"], "it holds 2 safetensors files"],
  ["LiteRT", ["gemma.task", "gemma.litertlm", "m.tflite"], "it holds 1 MediaPipe file, 2 LiteRT files"],
  ["Core ML", ["coreml/model.mlpackage/Data/weight.bin"], "it holds 1 Core ML file"],
  ["JAX", ["flax_model.msgpack"], "it holds 1 Flax file"],
  ["what a trainer leaves", ["training_args.bin", "optimizer.pt"], "none of its 2 files holds weights"],
  ["text only", ["README.md", "config.json"], "none of its 2 files holds weights"],
  ["nothing", [], "it is empty"],
])("%s", (_what, paths, sentence) => {
  expect(describeContents(paths.map((path) => ({ path, bytes: 1 })))).toBe(sentence);
});
