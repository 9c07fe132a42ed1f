import { expect, test } from "vitest";
import { readNamedQuantization } from "../../../src/format/packages/named-quantization.ts";

test.each([
  ["gemma-2b.Q4_K_M.gguf", "gguf:Q4_K_M"],
  ["gemma-2b-f16-q4_k_m.gguf", "gguf:Q4_K_M"],
  ["UD-Q4_K_XL/x-00001-of-00002.gguf", "gguf:UD-Q4_K_XL"],
  ["Q6_K/x-00001-of-00002.gguf", "gguf:Q6_K"],
  ["Q6_K", "gguf:Q6_K"],
  ["quants/fp16/", "gguf:F16"],
  ["onnx/model_q4f16.onnx", "onnx:q4f16"],
  ["onnx/model_quantized.onnx", "onnx:q8"],
  ["onnx/model.onnx", "onnx:fp32"],
  ["mmproj-F16.gguf", null],
  ["model.gguf", null],
  ["model.safetensors", null],
  ["onnx", null],
  ["q4f16", null],
])("the file %s is %s", (file, name) => {
  expect(readNamedQuantization({ file, label: null })).toBe(name);
});

test.each([
  ["q4_k_m", "gguf:Q4_K_M"],
  ["fp16", "gguf:F16"],
  ["q4f16", "onnx:q4f16"],
  ["x.Q8_0.gguf", "gguf:Q8_0"],
  ["other", null],
])(":%s is %s", (label, name) => {
  expect(readNamedQuantization({ file: null, label })).toBe(name);
});

test("a model as a whole names none", () => {
  expect(readNamedQuantization({ file: null, label: null })).toBeNull();
});
